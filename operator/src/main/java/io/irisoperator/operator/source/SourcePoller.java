package io.irisoperator.operator.source;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.ModelSpec;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks MLflow which model a spec selects: once a poll for all IrisModels of a namespace that ask
 * the same, and never while one is reconciled. IrisModels are reconciled when the answer changes.
 * Thread-safe.
 */
public final class SourcePoller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourcePoller.class);

  /** A server that is slow holds up no other, and is not asked more at a time. */
  private static final int MAX_AT_A_TIME = 4;

  /** Polls that began together drift apart. */
  private static final double JITTER = 0.1;

  private final ModelResolver resolver;
  private final Duration interval;
  private final Duration retry;
  private final Map<ResourceID, Question> askers = new ConcurrentHashMap<>();
  private final Map<Question, Poll> polls = new ConcurrentHashMap<>();
  private final Map<URI, Semaphore> servers = new ConcurrentHashMap<>();
  private final AtomicReference<SimpleInboundEventSource<IrisModel>> events =
      new AtomicReference<>(new SimpleInboundEventSource<>());
  private final AtomicReference<Supplier<Set<ResourceID>>> existing =
      new AtomicReference<>(Set::of);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  private record Question(MlflowServer server, ModelSpec spec) {}

  /** The polls of one question, as long as an IrisModel asks it. */
  private final class Poll {
    private final Question question;
    private final Set<ResourceID> of = ConcurrentHashMap.newKeySet();
    private volatile ModelQuery query;
    private volatile Optional<Resolution> answer = Optional.empty();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean again = new AtomicBoolean();

    /** An answer that took long must not replace a newer one. */
    private final ReentrantLock asking = new ReentrantLock();

    Poll(Question question, ModelQuery query) {
      this.question = question;
      this.query = query;
    }

    void begin() {
      if (begun.compareAndSet(false, true)) {
        ask();
      }
    }

    private void ask() {
      var _ = workers.submit(this::run);
    }

    void askAgain() {
      if (again.compareAndSet(false, true)) {
        var _ =
            workers.submit(
                () -> {
                  again.set(false);
                  resolve();
                });
      }
    }

    private void resolve() {
      asking.lock();
      try {
        resolveInTurn();
      } finally {
        asking.unlock();
      }
    }

    private void resolveInTurn() {
      Semaphore turn =
          servers.computeIfAbsent(
              question.server().trackingUri(), _ -> new Semaphore(MAX_AT_A_TIME));
      turn.acquireUninterruptibly();
      try {
        put(resolver.resolve(query));
      } catch (RuntimeException e) {
        LOG.warn("{} was not resolved", question, e);
      } finally {
        turn.release();
      }
    }

    private void run() {
      resolve();
      Duration pause = answer.filter(a -> !(a instanceof Resolved)).isPresent() ? retry : interval;
      long millis = pause.toMillis();
      long spread = (long) (millis * JITTER);
      if (polls.get(question) == this) {
        var _ =
            timer.schedule(
                this::ask,
                millis + ThreadLocalRandom.current().nextLong(-spread, spread + 1),
                TimeUnit.MILLISECONDS);
      }
    }

    private void put(Resolution now) {
      Optional<Resolution> before = answer;
      answer = Optional.of(now);
      if (before.filter(b -> isSame(b, now)).isEmpty()) {
        of.forEach(events.get()::propagateEvent);
      }
    }
  }

  /** Whether an answer has nothing new: bytes that were read now are to be stored. */
  private static boolean isSame(Resolution before, Resolution now) {
    return now instanceof Resolved(var model, var archive)
        ? archive.isEmpty() && before instanceof Resolved(var same, var _) && same.equals(model)
        : now.equals(before);
  }

  /**
   * A poller that asks nothing yet.
   *
   * @param interval between two questions
   * @param retry the interval after a question without an answer
   */
  public SourcePoller(ModelResolver resolver, Duration interval, Duration retry) {
    this.resolver = resolver;
    this.interval = interval;
    this.retry = retry;
  }

  /** The events of an operator of the SDK that has just started. */
  public SimpleInboundEventSource<IrisModel> watch(EventSourceContext<IrisModel> context) {
    SimpleInboundEventSource<IrisModel> started = new SimpleInboundEventSource<>("source");
    askers.clear();
    polls.clear();
    events.set(started);
    existing.set(
        () ->
            context
                .getPrimaryCache()
                .list()
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet()));
    return started;
  }

  /** The last answer; empty if MLflow was not asked yet. It is asked from now on. */
  public Optional<Resolution> answer(ResourceID asker, ModelQuery query) {
    Question question = new Question(query.server(), query.spec());
    Question before = askers.put(asker, question);
    if (before != null && !before.equals(question)) {
      leave(asker, before);
    }
    Poll poll =
        polls.compute(
            question,
            (_, asked) -> {
              Poll joined = asked == null ? new Poll(question, query) : asked;
              joined.of.add(asker);
              return joined;
            });
    poll.begin();
    poll.query = query;
    return poll.answer;
  }

  /** Asks again at once: the answer may have changed, or what it needs was deleted. */
  public void askAgain(ResourceID asker) {
    Optional.ofNullable(askers.get(asker))
        .flatMap(question -> Optional.ofNullable(polls.get(question)))
        .ifPresent(Poll::askAgain);
  }

  /** Asks again at once which versions of a registered model are selected. */
  public void askAgainAbout(String registeredModel) {
    polls.values().stream()
        .filter(
            poll ->
                Optional.ofNullable(poll.question.spec().registered())
                    .filter(registered -> registered.name().equals(registeredModel))
                    .isPresent())
        .forEach(Poll::askAgain);
  }

  /** An IrisModel does not ask any more. */
  public void leave(ResourceID asker) {
    Optional.ofNullable(askers.remove(asker)).ifPresent(question -> leave(asker, question));
  }

  private void leave(ResourceID asker, Question question) {
    polls.computeIfPresent(
        question,
        (_, poll) -> {
          poll.of.remove(asker);
          return poll.of.isEmpty() ? null : poll;
        });
  }

  /** Forgets IrisModels that were deleted. To be called only while all informers watch. */
  public void forgetDeleted() {
    Set<ResourceID> left = existing.get().get();
    askers.keySet().stream().filter(asker -> !left.contains(asker)).forEach(this::leave);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }
}
