/* Makes the system calls whose numbers are its arguments, each in a process of its own and with six arguments of -1, by
   which none of them can do anything; and prints each number with what was answered. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNANSWERED -1
/* In tenths of a millisecond. */
#define PATIENCE 200000

static void ask(long number, volatile int *answer) {
    int status = 0, waited = 0;
    pid_t gone;
    *answer = UNANSWERED;
    fflush(stdout);
    pid_t asking = fork();
    if (asking == 0) {
        long result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
        *answer = result == -1 ? errno : 0;
        _exit(0);
    }
    while ((gone = waitpid(asking, &status, WNOHANG)) == 0 && waited++ < PATIENCE) usleep(100);
    if (gone == 0) {
        kill(asking, SIGKILL);
        waitpid(asking, &status, 0);
        printf("%lu hangs\n", (unsigned long)number);
    } else if (*answer != UNANSWERED) {
        printf("%lu %d\n", (unsigned long)number, *answer);
    } else {
        printf("%lu signal %d\n", (unsigned long)number, WTERMSIG(status));
    }
}

int main(int count, char **words) {
    /* A place for each: the child of one that forks may still be writing when the next is asked. */
    int *answers = mmap(NULL, count * sizeof *answers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (answers == MAP_FAILED) return 1;
    for (int i = 1; i < count; i++) ask(strtoul(words[i], NULL, 10), &answers[i]);
    return 0;
}
