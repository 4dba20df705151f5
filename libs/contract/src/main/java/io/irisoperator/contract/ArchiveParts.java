package io.irisoperator.contract;

/** The parts of a model's archive: one in each ConfigMap, one file each in the pod. */
public final class ArchiveParts {
  /** The key of the bytes in a ConfigMap's {@code binaryData}. */
  public static final String KEY = "part";

  private ArchiveParts() {}

  /** The name of the file that a part is mounted as; parts count from 0. */
  public static String fileName(int part) {
    return "part-%03d".formatted(part);
  }
}
