#include "leap.h"

int leap(int year)
{
	return year % 4 == 0;
}
