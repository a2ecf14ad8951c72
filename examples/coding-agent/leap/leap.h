/* leap says whether a year of the Gregorian calendar has a 29th of February. */
int leap(int year);
