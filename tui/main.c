#include <stdio.h>

int
main(void)
{
	puts("sevtop");
	return 0;
}
