#include <stdio.h>

#include "leap.h"

static int failed;

static void expect(int year, int want)
{
	if (leap(year) != want) {
		printf("leap(%d) is %d, want %d\n", year, leap(year), want);
		failed++;
	}
}

int main(void)
{
	expect(2024, 1);
	expect(2023, 0);
	expect(1900, 0);
	expect(2000, 1);
	if (failed)
		return 1;
	puts("all passed");
	return 0;
}
