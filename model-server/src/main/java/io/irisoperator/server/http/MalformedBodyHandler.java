package io.irisoperator.server.http;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Closes a connection if the end of a body cannot be determined: its chunks are malformed, or it
 * has a transfer encoding other than {@code chunked}. Micronaut would take the part it received for
 * the whole body, and the decoder reads nothing more. There is no response, because the client
 * could match it to an earlier request.
 */
@Singleton
final class MalformedBodyHandler
    implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    NettyServerCustomizer.Registry registry = event.getBean();
    registry.register(
        new NettyServerCustomizer() {
          @Override
          public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            return role == ChannelRole.CONNECTION ? new ConnectionCustomizer(channel) : this;
          }
        });
    return registry;
  }

  private record ConnectionCustomizer(Channel channel) implements NettyServerCustomizer {
    @Override
    public void onStreamPipelineBuilt() {
      channel
          .pipeline()
          .addAfter(
              ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC,
              "malformed-body",
              new CloseOnMalformedBody());
    }
  }

  private static final class CloseOnMalformedBody extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (isMalformed(message)) {
        ReferenceCountUtil.release(message);
        // Send the responses to earlier requests first.
        context.flush();
        var _ = context.close();
      } else {
        context.fireChannelRead(message);
      }
    }

    private static boolean isMalformed(Object message) {
      if (message instanceof HttpRequest request) {
        // A malformed head arrives as a complete request, and Micronaut answers it.
        List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return request.decoderResult().isSuccess()
            && !encodings.isEmpty()
            && !(encodings.size() == 1
                && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.getFirst()));
      }
      return message instanceof HttpContent content && content.decoderResult().isFailure();
    }
  }
}
