#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(int client, const char *text)
{
    send(client, text, strlen(text), 0);
}

static void serve(int client)
{
    char request[1024], name[256], path[300], block[2048];
    size_t got;
    ssize_t length = recv(client, request, sizeof(request) - 1, 0);

    if (length <= 0)
        return;
    request[length] = '\0';
    if (sscanf(request, "GET /%255s HTTP", name) != 1) {
        say(client, "HTTP/1.0 400 Bad Request\r\n\r\n");
        return;
    }
    snprintf(path, sizeof(path), "public/%s", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        say(client, "HTTP/1.0 404 Not Found\r\n\r\n");
        return;
    }
    say(client, "HTTP/1.0 200 OK\r\n\r\n");
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        send(client, block, got, 0);
    fclose(file);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
    int server = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(server, 8) != 0) {
        perror("server");
        return 1;
    }
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0)
            continue;
        serve(client);
        close(client);
    }
}
