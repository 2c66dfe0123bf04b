#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct telegram {
    char sender[16];
    char text[200];
};

static int receive(int peer, struct telegram *telegram)
{
    uint16_t length;

    memset(telegram, 0, sizeof(*telegram));
    if (recv(peer, telegram->sender, sizeof(telegram->sender) - 1, MSG_WAITALL) <= 0)
        return -1;
    if (recv(peer, &length, sizeof(length), MSG_WAITALL) != sizeof(length))
        return -1;
    length = ntohs(length);
    if (recv(peer, telegram->text, length, MSG_WAITALL) != length)
        return -1;
    return 0;
}

int main(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(7070) };
    struct telegram telegram;
    int server = socket(AF_INET, SOCK_STREAM, 0);

    if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) < 0)
        return 1;
    if (listen(server, 4) < 0)
        return 1;
    for (;;) {
        int peer = accept(server, NULL, NULL);
        if (peer < 0)
            continue;
        if (receive(peer, &telegram) == 0)
            printf("%s: %.199s\n", telegram.sender, telegram.text);
        close(peer);
    }
}
