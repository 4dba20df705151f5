package io.irisoperator.server;

import io.irisoperator.testkit.SelfSignedKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Self-signed certificates, in the layout of a Secret of type kubernetes.io/tls. */
final class Certificates {
  private Certificates() {}

  /** Creates a certificate and replaces the files atomically, one by one. */
  static Certificate renew(Path folder, String commonName) throws Exception {
    SelfSignedKey key = SelfSignedKey.create(commonName, "dns:localhost,ip:127.0.0.1");
    write(folder.resolve("tls.key"), key.privateKeyPem());
    write(folder.resolve("tls.crt"), key.certificatePem());
    return key.certificate();
  }

  private static void write(Path file, String pem) throws Exception {
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
