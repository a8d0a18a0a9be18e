import { GripVertical, Pause, Play, X } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import type { Job, OperationInfo } from '../state/api.ts'
import { draws, isCheck, isQuestion, jobWords, type Queue, useEngine } from '../state/engine.ts'
import { cancelJob, moveJob, pauseQueue } from '../state/runs.ts'
import { costWords, countWords, doneShare, secondsWords, stepWords } from '../state/words.ts'

const details = (job: Job, operations: readonly OperationInfo[]) => {
  if (isCheck(job)) return t('a measurement, after all pictures')
  if (isQuestion(job, operations)) return t('looks at a picture')
  const { count = 1, steps = '?' } = job.parameters
  return draws(job, operations)
    ? t('{pictures}, {steps} steps', { pictures: countWords(Number(count)), steps: String(steps) })
    : t('makes a new model')
}

/** The running job with its progress, the waiting ones in order: drag them, or move them with Alt and the arrow keys. */
export function QueueList({ queue: { running, waiting } }: { queue: Queue }) {
  const paused = useEngine(state => state.queuePaused)
  const operations = useEngine(state => state.operations)
  const [held, setHeld] = useState<{ id: string; to: number }>()
  const list = useRef<HTMLUListElement>(null)
  const order = moved(waiting, held)

  const place = (event: PointerEvent) => {
    const rows = [...(list.current?.querySelectorAll('[data-waiting]') ?? [])]
    const at = rows.findIndex(row => event.clientY < row.getBoundingClientRect().bottom)
    return at === -1 ? rows.length - 1 : at
  }
  const drop = () => {
    if (held !== undefined) void moveJob(held.id, order[held.to + 1]?.id)
    setHeld(undefined)
  }
  const step = (event: KeyboardEvent, index: number) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
    const job = waiting[index]
    if (by === 0 || job === undefined) return
    event.preventDefault()
    const to = Math.min(waiting.length - 1, Math.max(0, index + by))
    if (to !== index) void moveJob(job.id, moved(waiting, { id: job.id, to })[to + 1]?.id)
  }
  return (
    <>
      <div className="pop-head">
        <h2>{t('Queue')}</h2>
        <span className="t3 t12 grow">{paused ? t('paused; what runs goes on') : ''}</span>
        <IconButton
          label={paused ? t('Go on with the queue') : t('Pause the queue')}
          onClick={() => void pauseQueue(!paused)}
          data-testid="pause-queue"
        >
          {paused ? <Play size={16} strokeWidth={1.5} /> : <Pause size={16} strokeWidth={1.5} />}
        </IconButton>
      </div>
      {running === undefined && waiting.length === 0 && <p className="note">{t('Nothing waits.')}</p>}
      <ul ref={list}>
        {running !== undefined && <Running job={running} />}
        {order.map((job, index) => (
          <li key={job.id} className={held?.id === job.id ? 'qi held' : 'qi'} data-waiting data-testid="waiting-job">
            <span className="face" aria-hidden="true">
              {index + 1}
            </span>
            <span className="grow">
              <span className="cut block">{jobWords(job, operations)}</span>
              <span className="cut block t12 t3 num">{details(job, operations)}</span>
            </span>
            <IconButton
              label={t('Move {job}', { job: jobWords(job, operations) })}
              use={t('Drag, or press the up and down keys.')}
              small
              className="grip"
              onKeyDown={event => step(event, index)}
              onPointerDown={event => {
                event.currentTarget.setPointerCapture(event.pointerId)
                setHeld({ id: job.id, to: index })
              }}
              onPointerMove={event => held !== undefined && setHeld({ id: held.id, to: place(event) })}
              onPointerUp={drop}
              onPointerCancel={() => setHeld(undefined)}
            >
              <GripVertical size={14} strokeWidth={1.5} />
            </IconButton>
            <IconButton
              label={t('Remove {job}', { job: jobWords(job, operations) })}
              small
              onClick={() => void cancelJob(job.id)}
            >
              <X size={14} strokeWidth={1.5} />
            </IconButton>
          </li>
        ))}
      </ul>
    </>
  )
}

/** The order with one job taken to another place. */
export function moved(jobs: readonly Job[], held: { id: string; to: number } | undefined): readonly Job[] {
  const job = jobs.find(each => each.id === held?.id)
  if (held === undefined || job === undefined) return jobs
  return jobs.filter(each => each !== job).toSpliced(held.to, 0, job)
}

function Running({ job }: { job: Job }) {
  const progress = useEngine(state => state.progress[job.id])
  const operations = useEngine(state => state.operations)
  const preview = progress?.previews?.[0]
  const predicted = costWords(job.cost?.predicted)
  return (
    <li className="qi" data-testid="running-job">
      <span className="face">{preview !== undefined && <img src={preview} alt="" />}</span>
      <span className="grow">
        <span className="cut block">{jobWords(job, operations)}</span>
        {predicted !== undefined && (
          <span className="cut block t12 t3 num">{t('predicted {predicted}', { predicted })}</span>
        )}
        <span className="row">
          <span className="bar2 grow">
            <i style={{ transform: `scaleX(${doneShare(progress)})` }} />
          </span>
          <span className="t11 t3 num">{secondsWords(progress) ?? stepWords(progress)}</span>
        </span>
      </span>
      <IconButton
        label={t('Stop {job}', { job: jobWords(job, operations) })}
        small
        onClick={() => void cancelJob(job.id)}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
    </li>
  )
}
