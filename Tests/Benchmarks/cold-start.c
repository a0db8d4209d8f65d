/* Compares a cold invocation of a function with a minimal program that does the same work: it reads stdin, connects to
 * PostgreSQL, runs one statement with a parameter and prints one line.
 *
 * usage: cold-start RUNS EVENT FUNCTION     (with DATABASE_URL set; Tests/Benchmarks/cold-start builds and runs it)
 *
 * The two alternate, so that changes of the machine's speed affect both. The ratio is the median of the pairs' ratios.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* The minimal program. */
static int run_minimal(void) {
  char input[1 << 16];
  ssize_t count;
  do { count = read(STDIN_FILENO, input, sizeof input); } while (count > 0);
  const char *url = getenv("DATABASE_URL");
  PGconn *database = PQconnectdb(url ? url : "");
  const char *value = "name@example.com";
  PGresult *rows = PQexecParams(database, "SELECT upper($1::text)", 1, NULL, &value, NULL, NULL, 0);
  int failed = PQresultStatus(rows) != PGRES_TUPLES_OK;
  if (!failed) printf("{\"statusCode\":200,\"body\":\"%s\"}\n", PQgetvalue(rows, 0, 0));
  PQclear(rows);
  PQfinish(database);
  return failed;
}

/* Spawns a program, waits for its end and returns the elapsed milliseconds. `pattern` is the path of the event, with an
 * optional %d for the number of the run. */
static double milliseconds(const char *pattern, int run, const char *program, const char *argument) {
  char event[4096];
  snprintf(event, sizeof event, pattern, run);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, event, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  char *const arguments[] = {(char *)program, (char *)argument, NULL};
  struct timespec start, end;
  pid_t child;
  int status = 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (posix_spawn(&child, program, &actions, NULL, arguments, environ) != 0 || waitpid(child, &status, 0) < 0 || status != 0) {
    fprintf(stderr, "cold-start: %s failed\n", program);
    exit(1);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  posix_spawn_file_actions_destroy(&actions);
  return (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) * 1e-6;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Sorts the values and returns the median. */
static double median(double *values, int count) {
  qsort(values, count, sizeof *values, compare);
  return values[count / 2];
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "minimal") == 0) return run_minimal();
  int runs = count == 4 ? atoi(arguments[1]) : 0;
  if (runs < 1) {
    fprintf(stderr, "usage: cold-start RUNS EVENT FUNCTION (%%d in EVENT is replaced by the number of the run)\n");
    return 64;
  }
  double *function = calloc(runs, sizeof(double)), *minimal = calloc(runs, sizeof(double)), *ratio = calloc(runs, sizeof(double));
  for (int run = -5; run < runs; run++) {
    double a = milliseconds(arguments[2], run + 5, arguments[3], NULL), b = milliseconds(arguments[2], run + 5, arguments[0], "minimal");
    if (run < 0) continue; /* the first runs only fill the caches */
    function[run] = a;
    minimal[run] = b;
    ratio[run] = a / b;
  }
  printf("function %.2f ms, minimal program %.2f ms, ratio %.2f\n", median(function, runs), median(minimal, runs), median(ratio, runs));
  return 0;
}
