#ifndef CBOARD_EVENT_H
#define CBOARD_EVENT_H

/* A counter that can be polled (eventfd), at 0, non-blocking, closed on exec; or -errno. */
int cboard_event_open(void);

#endif
