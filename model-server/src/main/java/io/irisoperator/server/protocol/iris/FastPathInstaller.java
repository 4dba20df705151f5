package io.irisoperator.server.protocol.iris;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.ServerConfig.LoggedRequests;
import io.irisoperator.server.health.Health;
import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import io.irisoperator.server.security.Tokens;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;

/**
 * Adds a {@link FastPathHandler} before Micronaut's handler to each connection, except on the
 * management port, or if all requests are logged.
 */
@Singleton
final class FastPathInstaller implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private final LoadedModel loaded;
  private final Health health;
  private final ServerMetrics metrics;
  private final ServerConfig config;
  private final Tokens tokens;

  FastPathInstaller(
      LoadedModel loaded,
      Health health,
      ServerMetrics metrics,
      ServerConfig config,
      Tokens tokens) {
    this.loaded = loaded;
    this.health = health;
    this.metrics = metrics;
    this.config = config;
    this.tokens = tokens;
  }

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    NettyServerCustomizer.Registry registry = event.getBean();
    if (config.loggedRequests() != LoggedRequests.ALL) {
      registry.register(
          new NettyServerCustomizer() {
            @Override
            public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
              return role == ChannelRole.CONNECTION && !isManagement(channel)
                  ? new ConnectionCustomizer(channel)
                  : this;
            }
          });
    }
    return registry;
  }

  private boolean isManagement(Channel channel) {
    return config
        .listener()
        .managementPort()
        .filter(
            port ->
                channel.localAddress() instanceof InetSocketAddress address
                    && address.getPort() == port)
        .isPresent();
  }

  private final class ConnectionCustomizer implements NettyServerCustomizer {
    private final Channel channel;

    ConnectionCustomizer(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void onStreamPipelineBuilt() {
      channel
          .pipeline()
          .addBefore(
              ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
              "fast-path",
              new FastPathHandler(loaded, health, metrics, tokens, config.model().runId()));
    }
  }
}
