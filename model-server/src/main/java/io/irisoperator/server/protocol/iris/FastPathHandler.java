package io.irisoperator.server.protocol.iris;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.irisoperator.contract.ModelHeaders;
import io.irisoperator.model.Classifier;
import io.irisoperator.model.Iris;
import io.irisoperator.server.health.Health;
import io.irisoperator.server.http.RequestIdentity;
import io.irisoperator.server.metrics.PredictMetrics;
import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import io.irisoperator.server.model.ServedModel;
import io.irisoperator.server.prediction.Predictions;
import io.irisoperator.server.security.Tokens;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.util.Optional;

/**
 * Answers {@code POST /predict} for one flower on the thread that reads its bytes. Every request
 * that is not eligible is passed on unchanged to Micronaut and {@link PredictController}, which
 * gives the same response: requests behind one without a response yet, long, unusual or invalid
 * bodies, unauthenticated requests, and those that close the connection.
 */
final class FastPathHandler extends ChannelDuplexHandler {
  private static final String PATH = "/predict";
  private static final AsciiString RUN_ID = AsciiString.cached(ModelHeaders.RUN_ID);
  private static final AsciiString DIGEST = AsciiString.cached(ModelHeaders.DIGEST);
  private static final AsciiString REQUEST_ID = AsciiString.cached(RequestIdentity.HEADER);
  private static final DefaultHttpHeadersFactory HEADERS =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false);

  /** The max body size; a flower has about a hundred bytes. */
  private static final int MAX_BYTES = 512;

  private final LoadedModel loaded;
  private final Health health;
  private final ServerMetrics metrics;
  private final Tokens tokens;
  private final String runId;
  private final FastFlowerParser flower = new FastFlowerParser();
  private final byte[] body = new byte[MAX_BYTES];
  private final double[] row = new double[Iris.FEATURES.size()];
  private final float[] probabilities = new float[Iris.CLASSES.size()];
  private Optional<ModelBinding> binding = Optional.empty();
  private Optional<HttpRequest> head = Optional.empty();
  private int length;
  private long start;

  /** Requests passed on that have no response yet; responses must keep the order of requests. */
  private int pending;

  private boolean written;

  FastPathHandler(
      LoadedModel loaded, Health health, ServerMetrics metrics, Tokens tokens, String runId) {
    this.loaded = loaded;
    this.health = health;
    this.metrics = metrics;
    this.tokens = tokens;
    this.runId = runId;
  }

  /** All that depends on the model, prepared once for each connection. */
  private static final class ModelBinding {
    private final ServedModel model;
    private final Classifier classifier;
    private final AsciiString digest;
    private final byte[][] jsonPrefix;
    private final PredictMetrics metrics;

    ModelBinding(ServedModel model, ServerMetrics metrics) {
      this.model = model;
      classifier = model.classifier();
      digest = AsciiString.cached(model.digest());
      jsonPrefix =
          model.schema().classNames().stream().map(Prediction::jsonPrefix).toArray(byte[][]::new);
      this.metrics = metrics.predictMetrics(model.schema().classNames());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    switch (message) {
      case HttpRequest request
          when !(message instanceof HttpContent) && isEligible(context, request) -> {
        head = Optional.of(request);
        length = 0;
        start = System.nanoTime();
      }
      case HttpContent content when head.isPresent() -> collect(context, content);
      default -> {
        if (message instanceof HttpRequest) {
          pending++;
        }
        super.channelRead(context, message);
      }
    }
  }

  private boolean isEligible(ChannelHandlerContext context, HttpRequest request) {
    HttpHeaders headers = request.headers();
    String accept = headers.get(HttpHeaderNames.ACCEPT);
    return pending == 0
        // Micronaut stops reading from clients that do not read their responses.
        && context.channel().isWritable()
        && request.method().equals(HttpMethod.POST)
        && request.uri().equals(PATH)
        && request.decoderResult().isSuccess()
        && loaded.model().filter(model -> model.integers().isEmpty()).isPresent()
        && !health.draining()
        && HttpUtil.isKeepAlive(request)
        && HttpUtil.getContentLength(request, Integer.MAX_VALUE) <= MAX_BYTES
        && HttpHeaderValues.APPLICATION_JSON.contentEqualsIgnoreCase(
            headers.get(HttpHeaderNames.CONTENT_TYPE))
        && (accept == null || accept.equals("*/*") || accept.equals("application/json"))
        && !headers.contains(HttpHeaderNames.EXPECT)
        && !headers.contains(HttpHeaderNames.CONTENT_ENCODING)
        && tokens.allow(headers.get(HttpHeaderNames.AUTHORIZATION));
  }

  private void collect(ChannelHandlerContext context, HttpContent content) throws Exception {
    ByteBuf bytes = content.content();
    int readable = bytes.readableBytes();
    // The decoder delivers no more than the Content-Length, which is at most MAX_BYTES.
    bytes.getBytes(bytes.readerIndex(), body, length, readable);
    length += readable;
    if (!(content instanceof LastHttpContent last)) {
      content.release();
      return;
    }
    HttpRequest request = head.orElseThrow();
    head = Optional.empty();
    if (last.decoderResult().isSuccess()
        && flower.read(body, length, row)
        && respond(context, request)) {
      content.release();
    } else {
      pending++;
      content.release();
      context.fireChannelRead(request);
      context.fireChannelRead(last.replace(received(context)));
    }
  }

  /** Responds, if the model has an answer. */
  private boolean respond(ChannelHandlerContext context, HttpRequest request) {
    ModelBinding bound = binding.orElseGet(this::bind);
    int predicted;
    try {
      predicted = bound.classifier.predict(row, probabilities);
    } catch (IllegalStateException e) {
      // The controller meets it again, and answers.
      return false;
    }
    if (!Predictions.areFinite(probabilities)) {
      return false;
    }
    float confidence = probabilities[predicted];
    ByteBuf json = context.alloc().buffer(128);
    json.writeBytes(bound.jsonPrefix[predicted]);
    json.writeCharSequence(Float.toString(confidence), US_ASCII);
    json.writeByte('}');
    HttpHeaders headers =
        HEADERS
            .newHeaders()
            .set(REQUEST_ID, RequestIdentity.of(request.headers()::get).id())
            .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
            .set(RUN_ID, runId)
            .set(DIGEST, bound.digest)
            .set(
                HttpHeaderNames.CONTENT_LENGTH,
                AsciiString.cached(Integer.toString(json.readableBytes())));
    written = true;
    var _ =
        context.write(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.OK,
                json,
                headers,
                EmptyHttpHeaders.INSTANCE),
            context.voidPromise());
    bound.metrics.predicted(predicted, confidence, System.nanoTime() - start);
    if (!bound.model.isInRange(row, 0)) {
      metrics.outOfRange();
    }
    return true;
  }

  private ModelBinding bind() {
    ModelBinding bound = new ModelBinding(loaded.model().orElseThrow(), metrics);
    binding = Optional.of(bound);
    return bound;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    if (written) {
      written = false;
      context.flush();
    }
    super.channelReadComplete(context);
  }

  /**
   * On shutdown, Micronaut closes connections without a request. If this handler holds part of one,
   * it passes that on first; Micronaut then closes the connection after the response.
   */
  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
    if (head.isEmpty()) {
      super.close(context, promise);
      return;
    }
    HttpRequest request = head.get();
    head = Optional.empty();
    pending++;
    context.channel().closeFuture().addListener(closed -> promise.trySuccess());
    context.fireChannelRead(request);
    context.fireChannelRead(new DefaultHttpContent(received(context)));
  }

  private ByteBuf received(ChannelHandlerContext context) {
    return context.alloc().buffer(length).writeBytes(body, 0, length);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    boolean interim =
        message instanceof HttpResponse response
            && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    if (message instanceof LastHttpContent && !interim) {
      pending--;
    }
    super.write(context, message, promise);
  }
}
