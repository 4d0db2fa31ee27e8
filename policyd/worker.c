// SPDX-License-Identifier: GPL-2.0-only
/*
 * One thread that runs jobs which may block, in order, and hands them back to
 * the loop.  Bounded: a full queue is the caller's to count, never to wait for.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "policyd.h"

struct queue {
	struct cw_job *head;
	struct cw_job **tail;	/* where the next one is linked */
};

struct cw_worker {
	pthread_t thread;
	pthread_mutex_t lock;	/* of waiting, finished and stopping */
	pthread_cond_t wake;	/* waiting or stopping has changed */
	struct queue waiting, finished;
	bool stopping;
	unsigned jobs, limit;	/* the loop's: given but not handed back */
	int fd;			/* eventfd: finished is not empty */
	sd_event_source *source;
};

static void queue_init(struct queue *queue)
{
	queue->head = NULL;
	queue->tail = &queue->head;
}

static void queue_add(struct queue *queue, struct cw_job *job)
{
	job->next = NULL;
	*queue->tail = job;
	queue->tail = &job->next;
}

static struct cw_job *queue_take(struct queue *queue)
{
	struct cw_job *job = queue->head;

	if (!job)
		return NULL;
	queue->head = job->next;
	if (!queue->head)
		queue->tail = &queue->head;
	return job;
}

static struct cw_job *wait_for_job(struct cw_worker *worker)
{
	struct cw_job *job;

	pthread_mutex_lock(&worker->lock);
	while (!(job = queue_take(&worker->waiting)) && !worker->stopping)
		pthread_cond_wait(&worker->wake, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
	return job;
}

static void *work(void *data)
{
	struct cw_worker *worker = data;
	struct cw_job *job;

	while ((job = wait_for_job(worker))) {
		job->run(job);
		pthread_mutex_lock(&worker->lock);
		queue_add(&worker->finished, job);
		pthread_mutex_unlock(&worker->lock);
		eventfd_write(worker->fd, 1);
	}
	return NULL;
}

static void hand_back(struct cw_worker *worker)
{
	struct cw_job *job;

	for (;;) {
		pthread_mutex_lock(&worker->lock);
		job = queue_take(&worker->finished);
		pthread_mutex_unlock(&worker->lock);
		if (!job)
			return;
		worker->jobs--;
		job->done(job);
	}
}

static int finished(sd_event_source *source, int fd, uint32_t events,
		    void *data)
{
	eventfd_t count;

	(void)source;
	(void)events;
	eventfd_read(fd, &count);
	hand_back(data);
	return 0;
}

int cw_worker_new(struct cw_worker **out, sd_event *event, unsigned limit)
{
	struct cw_worker *worker = calloc(1, sizeof(*worker));
	int ret;

	if (!worker)
		return -ENOMEM;
	worker->limit = limit;
	queue_init(&worker->waiting);
	queue_init(&worker->finished);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->wake, NULL);
	worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->fd < 0) {
		ret = -errno;
		goto err_free;
	}
	ret = sd_event_add_io(event, &worker->source, worker->fd, EPOLLIN,
			      finished, worker);
	if (ret < 0)
		goto err_close;
	ret = -pthread_create(&worker->thread, NULL, work, worker);
	if (ret)
		goto err_source;
	*out = worker;
	return 0;

err_source:
	sd_event_source_disable_unref(worker->source);
err_close:
	close(worker->fd);
err_free:
	free(worker);
	return ret;
}

int cw_worker_add(struct cw_worker *worker, struct cw_job *job)
{
	if (worker->jobs >= worker->limit)
		return -ENOBUFS;
	worker->jobs++;
	pthread_mutex_lock(&worker->lock);
	queue_add(&worker->waiting, job);
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
	return 0;
}

void cw_worker_free(struct cw_worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	hand_back(worker);
	sd_event_source_disable_unref(worker->source);
	close(worker->fd);
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}
