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
 * Closes a connection whose body has chunks that are none, or is encoded for the transfer as nobody
 * here understands, so that where it ends is anybody's guess. Micronaut would take what came before
 * for all of it, and the decoder hears nothing any more. There is no answer, as the client might
 * take it for that to an earlier request.
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
            return role == ChannelRole.CONNECTION ? new OfConnection(channel) : this;
          }
        });
    return registry;
  }

  private record OfConnection(Channel channel) implements NettyServerCustomizer {
    @Override
    public void onStreamPipelineBuilt() {
      channel
          .pipeline()
          .addAfter(
              ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, "broken-bodies", new Closing());
    }
  }

  private static final class Closing extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (isBroken(message)) {
        ReferenceCountUtil.release(message);
        // What has been answered before is sent yet.
        context.flush();
        var _ = context.close();
      } else {
        context.fireChannelRead(message);
      }
    }

    private static boolean isBroken(Object message) {
      if (message instanceof HttpRequest request) {
        // A broken head comes as a whole request, and is answered.
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
