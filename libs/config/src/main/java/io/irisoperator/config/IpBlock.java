package io.irisoperator.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IP addresses that begin with the same bits; an address alone is a block of one. */
record IpBlock(InetAddress address, int bits) {
  /** Digits and separators only, so that no name is ever looked up. */
  private static final Pattern BLOCK =
      Pattern.compile(
          "([0-9]+(?:[.][0-9]+){3}|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*)(?:/([0-9]{1,3}))?");

  /** The block that a text such as {@code 10.0.0.0/8} or {@code fd00::1} names, if it names one. */
  static Optional<IpBlock> of(String text) {
    Matcher block = BLOCK.matcher(text);
    if (!block.matches()) {
      return Optional.empty();
    }
    try {
      InetAddress address = InetAddress.getByName(block.group(1));
      int size = address.getAddress().length * Byte.SIZE;
      int bits = block.group(2) == null ? size : Integer.parseInt(block.group(2));
      return bits <= size ? Optional.of(new IpBlock(address, bits)) : Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  boolean isLoopback() {
    return address.isLoopbackAddress();
  }

  boolean contains(IpBlock other) {
    byte[] own = address.getAddress();
    byte[] others = other.address.getAddress();
    if (own.length != others.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if (((own[bit / Byte.SIZE] ^ others[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
