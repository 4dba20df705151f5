package io.irisoperator.e2e;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Opens a {@link Stack} for each test class and passes it to constructors and methods. JUnit closes
 * it after the class, as it closes whatever is in its store.
 */
final class StackExtension implements BeforeAllCallback, ParameterResolver {
  private static final Namespace STORE = Namespace.create(StackExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(STORE).getOrComputeIfAbsent(Stack.class, _ -> new Stack(), Stack.class);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stack.class;
  }

  @Override
  public Stack resolveParameter(ParameterContext parameter, ExtensionContext context) {
    // A class with one instance for all its tests is created before beforeAll.
    return context.getStore(STORE).getOrComputeIfAbsent(Stack.class, _ -> new Stack(), Stack.class);
  }
}
