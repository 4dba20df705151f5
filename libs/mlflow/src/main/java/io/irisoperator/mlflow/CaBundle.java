package io.irisoperator.mlflow;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Certificates that an https server is trusted by: its own, or that of an authority that signed it.
 * They take the place of the JDK's, as {@code MLFLOW_TRACKING_SERVER_CERT_PATH} does for MLflow's
 * own clients.
 */
public record CaBundle(List<Certificate> certificates) {
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  public CaBundle {
    certificates = List.copyOf(certificates);
  }

  /**
   * The certificates of texts in PEM format, such as the values of a ConfigMap. Other text around
   * them does not count.
   *
   * @throws CertificateException if there is none, or one cannot be read
   */
  public static CaBundle of(Collection<String> pems) throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<Certificate> certificates = new ArrayList<>();
    for (String pem : pems) {
      int begin = pem.indexOf(BEGIN);
      while (begin >= 0) {
        int end = pem.indexOf(END, begin);
        if (end < 0) {
          throw new CertificateException("a certificate has no end");
        }
        String certificate = pem.substring(begin, end + END.length());
        certificates.add(
            factory.generateCertificate(new ByteArrayInputStream(certificate.getBytes(US_ASCII))));
        begin = pem.indexOf(BEGIN, end);
      }
    }
    if (certificates.isEmpty()) {
      throw new CertificateException("there is no certificate in PEM format");
    }
    return new CaBundle(certificates);
  }

  /**
   * The certificates of a ConfigMap that is mounted as a folder, as they are now.
   *
   * @return empty if the folder has no files, as that of a ConfigMap that does not exist
   * @throws IOException if a file cannot be read
   * @throws CertificateException if the files have no certificate, or one cannot be read
   */
  public static Optional<CaBundle> read(Path folder) throws IOException, CertificateException {
    List<String> pems = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        pems.add(Files.readString(file));
      }
    }
    return pems.isEmpty() ? Optional.empty() : Optional.of(of(pems));
  }

  /** A context that trusts these certificates alone. */
  SSLContext sslContext() {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (int n = 0; n < certificates.size(); n++) {
        trusted.setCertificateEntry(Integer.toString(n), certificates.get(n));
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK can trust X.509 certificates", e);
    }
  }
}
