#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rate {
    const char *currency;
    double euros;
};

static const struct rate rates[] = {
    { "USD", 0.92 },
    { "GBP", 1.17 },
    { "CHF", 1.04 },
    { "NOK", 0.086 },
};

static const struct rate *rate_of(const char *currency)
{
    size_t i;

    for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        if (strcmp(rates[i].currency, currency) == 0)
            return &rates[i];
    }
    return NULL;
}

int main(void)
{
    char currency[4];
    double amount, sum = 0;

    while (scanf("%lf %3s", &amount, currency) == 2) {
        const struct rate *rate = rate_of(currency);
        double euros = amount * rate->euros;

        printf("%.2f %s are %.2f EUR\n", amount, currency, euros);
        sum += euros;
    }
    printf("altogether %.2f EUR\n", sum);
    return 0;
}
