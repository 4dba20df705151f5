// Holds a pod's namespaces and reaps its orphans, as the first process of each pod.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int s) {
  while (waitpid(-1, 0, WNOHANG) > 0);
}

static void quit(int s) { _exit(0); }

int main() {
  signal(SIGCHLD, reap);
  signal(SIGTERM, quit);
  signal(SIGINT, quit);
  for (;;) pause();
}
