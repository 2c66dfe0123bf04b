#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct event {
    time_t at;
    char text[56];
};

struct buffer {
    struct event *events;
    size_t capacity;
    size_t next;
};

static int create(struct buffer *buffer, size_t capacity)
{
    buffer->events = malloc(capacity * sizeof(struct event));
    buffer->capacity = capacity;
    buffer->next = 0;
    return buffer->events == NULL ? -1 : 0;
}

static void add(struct buffer *buffer, const char *text)
{
    struct event *event = &buffer->events[buffer->next % buffer->capacity];

    event->at = time(NULL);
    snprintf(event->text, sizeof(event->text), "%s", text);
    buffer->next++;
}

int main(void)
{
    char line[56];
    struct buffer buffer;
    const char *wanted = getenv("EVENT_CAPACITY");
    size_t capacity = wanted == NULL ? 64 : strtoul(wanted, NULL, 10);

    if (capacity == 0 || create(&buffer, capacity) != 0)
        return 1;
    while (fgets(line, sizeof(line), stdin) != NULL)
        add(&buffer, line);
    printf("%zu events\n", buffer.next);
    free(buffer.events);
    return 0;
}
