#include <stdio.h>
#include <string.h>

static const char *entity_for(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    default:
        return NULL;
    }
}

int main(void)
{
    char line[256], escaped[256];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *out = escaped, plain[2] = "";

        for (const char *p = line; *p != '\0'; p++) {
            const char *entity = entity_for(*p);

            plain[0] = *p;
            if (entity == NULL)
                entity = plain;
            while (*entity != '\0')
                *out++ = *entity++;
        }
        fwrite(escaped, 1, (size_t)(out - escaped), stdout);
    }
    return 0;
}
