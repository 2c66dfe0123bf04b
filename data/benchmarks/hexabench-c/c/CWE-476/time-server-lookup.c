#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#define NTP_PORT 123

struct server {
    const char *name;
    struct sockaddr_in address;
};

static void set_port(struct server *server)
{
    server->address.sin_family = AF_INET;
    server->address.sin_port = htons(NTP_PORT);
}

int resolve(struct server *server, const char *name)
{
    server->name = name;
    set_port(server);
    // ask the resolver for name, and put its first address into server->address.sin_addr
