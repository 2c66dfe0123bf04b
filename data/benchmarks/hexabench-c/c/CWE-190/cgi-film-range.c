#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILM_SIZE 1073741824

static int number_from(const char *variable)
{
    const char *text = getenv(variable);

    return text == NULL ? 0 : atoi(text);
}

static void send_part(int first, int last)
{
    printf("Content-Range: bytes %d-%d/%d\r\n\r\n", first, last, FILM_SIZE);
}

int main(void)
{
    int start = number_from("X_RANGE_START");
    int length = number_from("X_RANGE_LENGTH");

    if (start < 0 || length <= 0) {
        puts("Status: 416 Range Not Satisfiable\r\n\r");
        return 0;
    }
    /* 416 as well when the part ends behind FILM_SIZE, else send it */
