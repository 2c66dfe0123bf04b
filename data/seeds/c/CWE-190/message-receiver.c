#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char *receive_message(int client)
{
    uint32_t header;

    if (recv(client, &header, sizeof(header), MSG_WAITALL) != (ssize_t)sizeof(header))
        return NULL;
    uint32_t length = ntohl(header);
    char *message = malloc(length + 1);
    if (message == NULL)
        return NULL;
    if (recv(client, message, length, MSG_WAITALL) != (ssize_t)length) {
        free(message);
        return NULL;
    }
    message[length] = '\0';
    return message;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(7007)};
    int server = socket(AF_INET, SOCK_STREAM, 0);

    if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(server, 4) != 0)
        return 1;
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0)
            break;
        char *message = receive_message(client);
        if (message != NULL)
            puts(message);
        free(message);
        close(client);
    }
    close(server);
    return 0;
}
