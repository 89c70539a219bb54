/*
 * How much harm an action can do, and so what has to be given before it is
 * done. Configuration, plans, dialogs and the audit use these words.
 * thread: any.
 */
#ifndef SEV_MODEL_ACTION_CLASS_H
#define SEV_MODEL_ACTION_CLASS_H

#include <stdbool.h>

/* class, word, what is asked for */
#define ACTION_CLASSES(X)                                                      \
	X(LOOK, "look", "nothing")                                             \
	X(REVERSIBLE, "reversible", "y")                                       \
	X(DISRUPTIVE, "disruptive", "y and a reason")                          \
	X(DESTRUCTIVE, "destructive", "a reason and the target's name")

enum action_class {
#define X(class, word, asks) ACTION_##class,
	ACTION_CLASSES(X)
#undef X
	ACTION_CLASS_COUNT,
};

/* "reversible", "y and a reason"; never NULL. */
const char *action_class_word(enum action_class class);
const char *action_class_asks(enum action_class class);

/* False, with the output untouched, when there is no such word. */
bool action_class_find(const char *word, enum action_class *ret_class);

/* The words in order, for a row of options; ended by NULL. */
extern const char *const action_class_words[];

#endif
