package io.irisoperator.server.http;

import io.irisoperator.server.ServerConfig;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Cuts off who begins a request and does not end it in time: a byte now and then keeps a connection
 * from being idle, and with many such nobody else gets one.
 */
@Singleton
final class RequestTimeoutHandler
    implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private final Duration most;

  RequestTimeoutHandler(ServerConfig config) {
    this.most = config.requestTimeout();
  }

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    NettyServerCustomizer.Registry registry = event.getBean();
    registry.register(
        new NettyServerCustomizer() {
          @Override
          public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            return role == ChannelRole.CONNECTION ? new OfConnection(channel, most) : this;
          }
        });
    return registry;
  }

  private static final class OfConnection implements NettyServerCustomizer {
    private final Channel channel;
    private final long mostNanos;

    /** When the first byte of a request came that is not whole yet. */
    private long since;

    private boolean receiving;

    OfConnection(Channel channel, Duration most) {
      this.channel = channel;
      this.mostNanos = most.toNanos();
    }

    @Override
    public void onStreamPipelineBuilt() {
      String codec = ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC;
      channel.pipeline().addBefore(codec, "request-begins", new Begins());
      channel.pipeline().addAfter(codec, "request-ends", new Ends());
    }

    private final class Begins extends ChannelInboundHandlerAdapter {
      private ScheduledFuture<?> look;

      @Override
      public void handlerAdded(ChannelHandlerContext context) {
        // Looking now and then is cheaper than a timer for each request.
        long pause = Math.max(mostNanos / 4, 1);
        look =
            context
                .executor()
                .scheduleWithFixedDelay(
                    () -> {
                      if (receiving && System.nanoTime() - since > mostNanos) {
                        var _ = context.close();
                      }
                    },
                    pause,
                    pause,
                    TimeUnit.NANOSECONDS);
      }

      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        if (!receiving) {
          receiving = true;
          since = System.nanoTime();
        }
        context.fireChannelRead(message);
      }

      @Override
      public void channelInactive(ChannelHandlerContext context) {
        look.cancel(false);
        context.fireChannelInactive();
      }
    }

    private final class Ends extends ChannelInboundHandlerAdapter {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof LastHttpContent) {
          receiving = false;
        }
        context.fireChannelRead(message);
      }
    }
  }
}
