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
    context.getStore(STORE).put(Stack.class, new Stack());
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stack.class;
  }

  @Override
  public Stack resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(STORE).get(Stack.class, Stack.class);
  }
}
