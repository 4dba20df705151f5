package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Self-signed certificates, in the layout of a Secret of type kubernetes.io/tls. */
final class Certificates {
  private static final String PASSWORD = "changeit";

  private Certificates() {}

  /** Creates a certificate and replaces the files atomically, one by one. */
  static Certificate renew(Path folder, String commonName) throws Exception {
    Path store = Files.createTempDirectory("keystore").resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "served",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=" + commonName,
                    "-ext",
                    "san=dns:localhost,ip:127.0.0.1",
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
    Certificate certificate = keys.getCertificate("served");
    write(
        folder.resolve("tls.key"),
        "PRIVATE KEY",
        keys.getKey("served", PASSWORD.toCharArray()).getEncoded());
    write(folder.resolve("tls.crt"), "CERTIFICATE", certificate.getEncoded());
    return certificate;
  }

  private static void write(Path file, String label, byte[] der) throws Exception {
    String pem =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                label,
                Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der),
                label);
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, pem);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A TLS context that trusts only these certificates. */
  static SSLContext trusting(Certificate... certificates) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (int i = 0; i < certificates.length; i++) {
      trusted.setCertificateEntry("trusted-" + i, certificates[i]);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
