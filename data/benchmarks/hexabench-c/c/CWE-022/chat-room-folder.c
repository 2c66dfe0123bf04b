#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#define ROOMS "/srv/chat/rooms"

struct client {
    int fd;
    char nick[24];
    char room[80];
};

static int receive_line(int fd, char *line, int room)
{
    int length = 0;
    char c;

    while (length < room - 1 && recv(fd, &c, 1, 0) == 1 && c != '\n')
        line[length++] = c;
    line[length] = '\0';
    return length;
}

static void reply(const struct client *client, const char *text)
{
    send(client->fd, text, 4, 0);
}

void handle_create(struct client *client)
{
    char folder[160];

    if (receive_line(client->fd, client->room, sizeof(client->room)) == 0) {
        reply(client, "ERR\n");
        return;
    }
    // make ROOMS/<room> with mode 0750 and reply "OK \n" or "ERR\n"
