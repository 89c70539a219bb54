#include "model/action_class.h"

#include <stddef.h>
#include <string.h>

const char *const action_class_words[] = {
#define X(class, word, asks) word,
	ACTION_CLASSES(X)
#undef X
	    NULL,
};

const char *action_class_word(enum action_class class)
{
	return (unsigned)class < ACTION_CLASS_COUNT ? action_class_words[class]
						    : "";
}

const char *action_class_asks(enum action_class class)
{
	static const char *const asks[] = {
#define X(class, word, asks) asks,
		ACTION_CLASSES(X)
#undef X
	};

	return (unsigned)class < ACTION_CLASS_COUNT ? asks[class] : "";
}

bool
action_class_find(const char *word, enum action_class *ret_class)
{
	for (size_t i = 0; action_class_words[i] != NULL; i++) {
		if (strcmp(action_class_words[i], word) != 0)
			continue;
		*ret_class = (enum action_class)i;
		return true;
	}
	return false;
}
