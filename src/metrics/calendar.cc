#include "metrics/calendar.h"
