package io.irisoperator.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A key with a certificate that it signed itself, for servers of tests. */
public record SelfSignedKey(KeyStore keys) {
  private static final String ALIAS = "served";
  private static final String PASSWORD = "changeit";

  /**
   * Creates a key.
   *
   * @param names what clients may call the server, such as {@code dns:localhost,ip:127.0.0.1}
   */
  public static SelfSignedKey create(String commonName, String names) throws Exception {
    Path store = Files.createTempDirectory("keystore").resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    ALIAS,
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=" + commonName,
                    "-ext",
                    "san=" + names,
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    PASSWORD))
            .inheritIO()
            .start();
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException("keytool failed");
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    Files.delete(store);
    Files.delete(store.getParent());
    return new SelfSignedKey(keys);
  }

  public Certificate certificate() throws Exception {
    return keys.getCertificate(ALIAS);
  }

  /** The certificate in PEM format. */
  public String certificatePem() throws Exception {
    return pem("CERTIFICATE", certificate().getEncoded());
  }

  /** The private key in PEM format. */
  public String privateKeyPem() throws Exception {
    return pem("PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            label, Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der), label);
  }

  /** The context of a server that has this key. */
  public SSLContext serverContext() throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
