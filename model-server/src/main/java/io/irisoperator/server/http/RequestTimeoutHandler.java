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
 * Closes a connection if a client does not finish a request in time. A byte now and then keeps a
 * connection from being idle, and many such connections would lock out other clients.
 */
@Singleton
final class RequestTimeoutHandler
    implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private final Duration timeout;

  RequestTimeoutHandler(ServerConfig config) {
    this.timeout = config.limits().requestTimeout();
  }

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    NettyServerCustomizer.Registry registry = event.getBean();
    registry.register(
        new NettyServerCustomizer() {
          @Override
          public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            return role == ChannelRole.CONNECTION
                ? new ConnectionCustomizer(channel, timeout)
                : this;
          }
        });
    return registry;
  }

  private static final class ConnectionCustomizer implements NettyServerCustomizer {
    private final Channel channel;
    private final long timeoutNanos;

    /** When the first byte of the request that is being received arrived. */
    private long requestStart;

    private boolean receiving;

    ConnectionCustomizer(Channel channel, Duration timeout) {
      this.channel = channel;
      this.timeoutNanos = timeout.toNanos();
    }

    @Override
    public void onStreamPipelineBuilt() {
      String codec = ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC;
      channel.pipeline().addBefore(codec, "request-start", new RequestStart());
      channel.pipeline().addAfter(codec, "request-end", new RequestEnd());
    }

    private final class RequestStart extends ChannelInboundHandlerAdapter {
      private ScheduledFuture<?> check;

      @Override
      public void handlerAdded(ChannelHandlerContext context) {
        // A periodic check is cheaper than a timer for each request.
        long interval = Math.max(timeoutNanos / 4, 1);
        check =
            context
                .executor()
                .scheduleWithFixedDelay(
                    () -> {
                      if (receiving && System.nanoTime() - requestStart > timeoutNanos) {
                        var _ = context.close();
                      }
                    },
                    interval,
                    interval,
                    TimeUnit.NANOSECONDS);
      }

      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        if (!receiving) {
          receiving = true;
          requestStart = System.nanoTime();
        }
        context.fireChannelRead(message);
      }

      @Override
      public void channelInactive(ChannelHandlerContext context) {
        check.cancel(false);
        context.fireChannelInactive();
      }
    }

    private final class RequestEnd extends ChannelInboundHandlerAdapter {
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
