#include "tests/unit/check.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/base/deferred.h"

/* --- The list underneath. --- */

typedef struct {
    sio_link link;
    char     name;
} item;

/* The names in a list, forwards; the links back must agree. */
static const char *
names(sio_link *list)
{
    static char text[16];
    size_t      n = 0;

    for (sio_link *l = list->next; l != list; l = l->next) {
        CHECK(l->prev->next == l && l->next->prev == l);
        text[n++] = SIO_CONTAINER(l, item, link)->name;
    }
    text[n] = '\0';
    return text;
}

static void
test_a_list_keeps_its_order(void)
{
    item     items[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}};
    sio_link list, other;

    sio_link_init(&list);
    sio_link_init(&other);
    CHECK(sio_link_empty(&list));
    for (size_t i = 0; i < 3; i++)
        sio_link_append(&list, &items[i].link);
    CHECK_VIEW(sio_view_of(names(&list)), "abc");
    sio_link_remove(&items[1].link);
    sio_link_remove(&items[1].link); /* twice is harmless */
    CHECK_VIEW(sio_view_of(names(&list)), "ac");
    sio_link_append(&other, &items[1].link);
    sio_link_move(&other, &list);
    CHECK(sio_link_empty(&list));
    CHECK_VIEW(sio_view_of(names(&other)), "bac");
    sio_link_move(&other, &list); /* nothing */
    CHECK_VIEW(sio_view_of(names(&other)), "bac");
}

/* --- Turns. --- */

static struct event_base *base;
static sio_deferred       turn;
static char               order[16];
static size_t             n_run;

static void
note(char what)
{
    order[n_run++] = what;
    order[n_run] = '\0';
}

static void
begin(void)
{
    n_run = 0;
    order[0] = '\0';
    base = event_base_new();
    if (base == NULL || sio_deferred_init(&turn, base) != SIO_OK)
        exit(1);
}

static void
end(void)
{
    sio_deferred_fini(&turn);
    event_base_free(base);
}

typedef struct {
    sio_task  task;
    char      name;
    sio_task *next;   /* deferred when this one runs */
    sio_task *cancel; /* forgotten when this one runs */
} step;

static void
run_step(sio_task *task)
{
    const step *s = SIO_CONTAINER(task, step, task);

    note(s->name);
    if (s->next != NULL)
        sio_deferred_add(&turn, s->next);
    if (s->cancel != NULL)
        sio_task_cancel(s->cancel);
}

static step
step_of(char name)
{
    return (step){.name = name};
}

static void
on_input(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    note('i');
    if (arg != NULL)
        sio_deferred_add(&turn, arg);
}

/* Two inputs in one turn; the first defers work, which runs after the second. */
static void
test_tasks_run_after_all_input_of_the_turn(void)
{
    step          s = step_of('s');
    struct event *first, *second;

    begin();
    sio_task_init(&s.task, run_step);
    first = event_new(base, -1, 0, on_input, &s.task);
    second = event_new(base, -1, 0, on_input, NULL);
    event_active(first, EV_READ, 1);
    event_active(second, EV_READ, 1);
    event_base_loop(base, EVLOOP_ONCE);
    CHECK_VIEW(sio_view_of(order), "iis");
    event_free(first);
    event_free(second);
    end();
}

static void
test_tasks_run_in_order_and_once(void)
{
    step a = step_of('a'), b = step_of('b');

    begin();
    sio_task_init(&a.task, run_step);
    sio_task_init(&b.task, run_step);
    sio_deferred_add(&turn, &a.task);
    sio_deferred_add(&turn, &b.task);
    sio_deferred_add(&turn, &a.task); /* stays where it is */
    CHECK_VIEW(sio_view_of(order), "");
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_VIEW(sio_view_of(order), "ab");
    sio_deferred_add(&turn, &a.task);
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_VIEW(sio_view_of(order), "aba");
    end();
}

static void
test_tasks_of_tasks_run_in_the_same_turn(void)
{
    step a = step_of('a'), b = step_of('b'), c = step_of('c');

    begin();
    sio_task_init(&a.task, run_step);
    sio_task_init(&b.task, run_step);
    sio_task_init(&c.task, run_step);
    a.next = &b.task;
    a.cancel = &c.task;
    sio_deferred_add(&turn, &a.task);
    sio_deferred_add(&turn, &c.task);
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    CHECK_VIEW(sio_view_of(order), "ab");
    end();
}

static void
free_step(sio_task *task)
{
    note('f');
    free(SIO_CONTAINER(task, step, task));
}

static void
test_a_task_may_free_what_it_is_in(void)
{
    step *s = calloc(1, sizeof *s);

    begin();
    sio_task_init(&s->task, free_step);
    sio_deferred_add(&turn, &s->task);
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_VIEW(sio_view_of(order), "f");
    end();
}

/* --- Very many. --- */

enum { MANY = 5000 };

static unsigned n_of_many;

static void
count_task(sio_task *task)
{
    (void)task;
    n_of_many++;
}

static void
on_other_input(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    *(unsigned *)arg = n_of_many;
}

/* Input that comes meanwhile is not the last to be served, and no task is lost. */
static void
test_many_tasks_let_input_in_between(void)
{
    static sio_task      tasks[MANY];
    const struct timeval at_once = {0, 0};
    unsigned             n_before_input = 0;
    struct event        *input;

    begin();
    n_of_many = 0;
    input = event_new(base, -1, 0, on_other_input, &n_before_input);
    for (size_t i = 0; i < MANY; i++) {
        sio_task_init(&tasks[i], count_task);
        sio_deferred_add(&turn, &tasks[i]);
    }
    event_add(input, &at_once);
    event_base_loop(base, EVLOOP_NONBLOCK); /* until nothing is left to do */
    CHECK_INT(n_of_many, MANY);
    CHECK(n_before_input < MANY);
    event_free(input);
    end();
}

static void
test_the_rest_of_many_may_be_cancelled_or_runs_at_the_end(void)
{
    static sio_task tasks[MANY];
    step            s = step_of('s');

    begin();
    n_of_many = 0;
    sio_task_init(&s.task, run_step);
    for (size_t i = 0; i < MANY; i++) {
        sio_task_init(&tasks[i], count_task);
        sio_deferred_add(&turn, &tasks[i]);
    }
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    CHECK(n_of_many < MANY);
    for (size_t i = 0; i < MANY; i++)
        sio_task_cancel(&tasks[i]);
    sio_deferred_add(&turn, &s.task);
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_VIEW(sio_view_of(order), "s");
    n_of_many = 0;
    for (size_t i = 0; i < MANY; i++)
        sio_deferred_add(&turn, &tasks[i]);
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    CHECK(n_of_many < MANY);
    end();
    CHECK_INT(n_of_many, MANY);
}

/* --- Measured turns. --- */

static uint64_t
n_measured(const sio_histogram *h)
{
    uint64_t n = 0;

    for (unsigned i = 0; i <= h->n_bounds; i++)
        n += h->counts[i];
    return n;
}

static void
on_noted_input(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    (void)arg;
    sio_deferred_note_turn(&turn);
    usleep(2000);
}

/* Two inputs of one turn that put nothing off are one turn; its work is all of it. */
static void
test_a_turn_is_measured_from_its_first_input_on(void)
{
    const struct timeval at_once = {0, 0};
    sio_histogram        turns = {.first = 1000, .factor = 2, .n_bounds = 4};
    struct event        *inputs[2];

    begin();
    turn.turns = &turns;
    for (unsigned i = 0; i < 2; i++) {
        inputs[i] = event_new(base, -1, 0, on_noted_input, NULL);
        event_active(inputs[i], EV_TIMEOUT, 0);
    }
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_INT(n_measured(&turns), 1);
    CHECK(turns.sum >= 4000);
    event_add(inputs[0], &at_once);
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_INT(n_measured(&turns), 2);
    for (unsigned i = 0; i < 2; i++)
        event_free(inputs[i]);
    end();
}

static void
test_what_is_put_off_begins_a_turn_too(void)
{
    sio_histogram turns = {.first = 1000, .factor = 2, .n_bounds = 4};
    step          s = step_of('s');

    begin();
    turn.turns = &turns;
    sio_task_init(&s.task, run_step);
    sio_deferred_add(&turn, &s.task);
    event_base_loop(base, EVLOOP_NONBLOCK);
    CHECK_INT(n_measured(&turns), 1);
    end();
}

static void
test_turns_are_not_measured_for_nobody(void)
{
    begin();
    sio_deferred_note_turn(&turn);
    CHECK_INT(event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE), 0);
    end();
}

static void
test_what_is_deferred_at_the_end_still_runs(void)
{
    step a = step_of('a'), b = step_of('b');

    begin();
    sio_task_init(&a.task, run_step);
    sio_task_init(&b.task, run_step);
    a.next = &b.task;
    sio_deferred_add(&turn, &a.task);
    end();
    CHECK_VIEW(sio_view_of(order), "ab");
    sio_deferred_fini(&turn); /* twice is harmless */
}

int
main(void)
{
    RUN(test_a_list_keeps_its_order);
    RUN(test_tasks_run_after_all_input_of_the_turn);
    RUN(test_tasks_run_in_order_and_once);
    RUN(test_tasks_of_tasks_run_in_the_same_turn);
    RUN(test_a_task_may_free_what_it_is_in);
    RUN(test_many_tasks_let_input_in_between);
    RUN(test_the_rest_of_many_may_be_cancelled_or_runs_at_the_end);
    RUN(test_a_turn_is_measured_from_its_first_input_on);
    RUN(test_what_is_put_off_begins_a_turn_too);
    RUN(test_turns_are_not_measured_for_nobody);
    RUN(test_what_is_deferred_at_the_end_still_runs);
    return check_done();
}
