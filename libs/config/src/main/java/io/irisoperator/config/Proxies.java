package io.irisoperator.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The HTTP proxies that a program connects through, from the variables that curl, Python and Go
 * read: {@code HTTPS_PROXY} for https addresses, {@code HTTP_PROXY} for http, and {@code NO_PROXY},
 * hosts that are connected to directly. This machine always is.
 *
 * @see <a href="https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config">what NO_PROXY may
 *     have</a>
 */
public final class Proxies extends ProxySelector {
  private static final Setting HTTPS =
      Setting.optional("HTTPS_PROXY", "a proxy for https addresses, such as `http://proxy:3128`");
  private static final Setting HTTP = Setting.optional("HTTP_PROXY", "a proxy for http addresses");
  private static final Setting NONE =
      Setting.optional(
          "NO_PROXY",
          "a comma-separated list of what is connected to without a proxy: domains, IP addresses, CIDR blocks, or `*`");

  /** All settings, for the documentation. */
  public static final List<Setting> SETTINGS = List.of(HTTPS, HTTP, NONE);

  private final Map<String, URI> proxies = new TreeMap<>();
  private final List<String> direct;
  private final Map<String, String> variables = new TreeMap<>();

  private Proxies(Environment env) {
    for (Setting setting : SETTINGS) {
      value(env, setting).ifPresent(value -> variables.put(setting.variable(), value));
    }
    Environment found = new Environment(variables);
    for (Setting setting : List.of(HTTPS, HTTP)) {
      if (found.optional(setting).isPresent()) {
        String scheme = setting.variable().replace("_PROXY", "").toLowerCase(Locale.ROOT);
        proxies.put(scheme, proxy(found, setting));
      }
    }
    direct =
        Arrays.stream(found.optional(NONE).orElse("").split(","))
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .toList();
  }

  /**
   * The proxies of an environment, by names in upper case or in lower case.
   *
   * @throws IllegalArgumentException if a proxy is not an http URL; the message names the variable
   */
  public static Proxies of(Environment env) {
    return new Proxies(env);
  }

  /** The scheme may be left out. */
  private static URI proxy(Environment env, Setting setting) {
    String text = env.text(setting);
    URI proxy =
        new Environment(Map.of(setting.variable(), text.contains("://") ? text : "http://" + text))
            .uri(setting);
    if (!proxy.getScheme().equals("http")) {
      throw new IllegalArgumentException(
          setting.variable() + " must be an http URL: proxies with TLS are not supported");
    }
    return proxy;
  }

  private static Optional<String> value(Environment env, Setting setting) {
    return env.optional(setting)
        .or(() -> env.optional(Setting.optional(setting.variable().toLowerCase(Locale.ROOT), "")));
  }

  /** The variables, by name, for a program that must use the same proxies. */
  public Map<String, String> variables() {
    return Collections.unmodifiableMap(variables);
  }

  /** The proxy that leads to an address; empty if it is connected to directly. */
  public Optional<URI> proxy(URI address) {
    return Optional.ofNullable(proxies.get(address.getScheme())).filter(_ -> !isDirect(address));
  }

  @Override
  public List<Proxy> select(URI address) {
    return List.of(
        proxy(address)
            .map(
                proxy ->
                    new Proxy(
                        Proxy.Type.HTTP,
                        InetSocketAddress.createUnresolved(proxy.getHost(), port(proxy))))
            .orElse(Proxy.NO_PROXY));
  }

  /** The caller reports the failure. */
  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {}

  private boolean isDirect(URI address) {
    String host = address.getHost().toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
    Optional<IpBlock> ip = IpBlock.of(host);
    return host.equals("localhost")
        || ip.filter(IpBlock::isLoopback).isPresent()
        || direct.stream().anyMatch(entry -> matches(entry, host, ip, port(address)));
  }

  private static boolean matches(String entry, String host, Optional<IpBlock> ip, int port) {
    Optional<IpBlock> block = IpBlock.of(entry);
    if (block.isPresent()) {
      return ip.filter(block.get()::contains).isPresent();
    }
    String name = entry.replaceFirst(":[0-9]+$", "");
    if (!name.equals(entry) && !entry.endsWith(":" + port)) {
      return false;
    }
    String domain = name.replaceFirst("^[*]?[.]", "");
    return name.equals("*") || host.equals(domain) || host.endsWith("." + domain);
  }

  /** The port of an http or https address, also if it names none. */
  public static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return address.getScheme().equals("https") ? 443 : 80;
  }
}
