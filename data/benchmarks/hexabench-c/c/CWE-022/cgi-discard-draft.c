#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char drafts[] = "/var/lib/weblog/drafts";

static void answer(int status, const char *text)
{
    printf("Status: %d\r\n", status);
    printf("Content-Type: text/plain\r\n\r\n");
    printf("%s\n", text);
}

int main(void)
{
    char file[256];
    const char *draft = getenv("QUERY_STRING");

    if (draft == NULL || draft[0] == '\0') {
        answer(400, "which draft?");
        return 0;
    }

    // delete the draft's file in the drafts folder, answer 200 or 404
