#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void write_log(const char *entry)
{
    FILE *log = fopen("/var/log/visitors", "a");

    if (log == NULL)
        return;
    fputs(entry, log);
    fclose(log);
}

int main(void)
{
    char entry[160];
    const char *agent = getenv("HTTP_USER_AGENT");
    const char *address = getenv("REMOTE_ADDR");

    puts("Content-Type: text/plain\n");
    if (agent == NULL || address == NULL) {
        puts("who are you?");
        return 0;
    }
    sprintf(entry, "%ld %s %s\n", (long)time(NULL), address, agent);
    write_log(entry);
    puts("welcome");
    return 0;
}
