/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void set_text(char *to, size_t size, const char *text)
{
	if (strlen(text) >= size)
		die("too long for the lab: %s", text);
	strcpy(to, text);
}

static void take(struct lab_conf *conf, const char *word, const char *value)
{
	if (!strcmp(word, "module") && conf->module_count < COUNT_OF(conf->modules))
		set_text(conf->modules[conf->module_count++], sizeof(conf->modules[0]), value);
	else if (!strcmp(word, "keep") && conf->keep_count < COUNT_OF(conf->keep))
		set_text(conf->keep[conf->keep_count++], sizeof(conf->keep[0]), value);
	else if (!strcmp(word, "kernel-modules"))
		set_text(conf->kernel_modules, sizeof(conf->kernel_modules), value);
	else if (!strcmp(word, "cgroup"))
		conf->cgroup_version = atoi(value);
	else if (!strcmp(word, "net"))
		conf->net = true;
	else if (!strcmp(word, "probe"))
		conf->probe = true;
	else
		die("the host's configuration has a line that says nothing here: %s %s", word,
		    value);
}

void read_conf(const char *path, struct lab_conf *conf)
{
	char line[1200];
	FILE *file = fopen(path, "r");

	if (!file)
		die("cannot read %s", path);
	memset(conf, 0, sizeof(*conf));
	conf->cgroup_version = 2;
	errno = 0;
	while (fgets(line, sizeof(line), file)) {
		char *value;

		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, ' ');
		if (value)
			*value++ = '\0';
		take(conf, line, value ? value : "");
	}
	fclose(file);
}
