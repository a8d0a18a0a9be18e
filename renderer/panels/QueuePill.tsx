import { Pause, TriangleAlert } from 'lucide-react'
import { BarPopover } from '../components/BarPopover.tsx'
import { Ring } from '../components/Ring.tsx'
import { t } from '../language/language.ts'
import { type Queue, queueOf, useEngine } from '../state/engine.ts'
import { useStudio } from '../state/studio.ts'
import { useUi } from '../state/ui.ts'
import { doneShare, secondsWords, stepWords } from '../state/words.ts'
import { QueueList } from './QueueList.tsx'

/** The queue in the top bar: only while there are jobs, or while one was stopped by a failure and nobody has looked yet. */
export function QueuePill() {
  const jobs = useEngine(state => state.jobs)
  const open = useUi(state => state.queueOpen)
  const stopped = useStudio(({ stopped }) => (stopped !== undefined && jobs[stopped]?.state !== 'cancelled' ? 1 : 0))
  const queue = queueOf(jobs, true)
  if (queue.running === undefined && queue.waiting.length === 0 && stopped === 0 && !open) return null
  return (
    <BarPopover
      open={open}
      onOpenChange={queueOpen => useUi.setState({ queueOpen })}
      className="queue"
      label={t('Queue')}
      trigger={
        <button type="button" className={open ? 'qpill on' : 'qpill'} data-testid="queue-pill">
          <span className="sr">{t('Queue:')} </span>
          <Pill queue={queue} stopped={stopped} />
        </button>
      }
    >
      <QueueList queue={queue} />
    </BarPopover>
  )
}

function Pill({ queue: { running, waiting }, stopped }: { queue: Queue; stopped: number }) {
  const paused = useEngine(state => state.queuePaused)
  const progress = useEngine(state => (running === undefined ? undefined : state.progress[running.id]))
  const more = (count: number, word: string) => count > 0 && <span className="t3 num">{`+ ${count}${word}`}</span>
  if (running !== undefined) {
    return (
      <>
        <Ring share={doneShare(progress)} />
        <span className="num cut">{secondsWords(progress) ?? stepWords(progress)}</span>
        {more(waiting.length, '')}
      </>
    )
  }
  if (stopped > 0) {
    return (
      <>
        <TriangleAlert className="warn-text" size={15} strokeWidth={1.5} aria-hidden="true" />
        <span>{t('1 stopped')}</span>
        {more(waiting.length, ' waiting')}
      </>
    )
  }
  return (
    <>
      {paused ? <Pause size={14} strokeWidth={1.5} aria-hidden="true" /> : <Ring share={0} />}
      <span className="num">{paused ? t('Paused') : t('{count} waiting', { count: waiting.length })}</span>
      {paused && <span className="t3 num">{t('{count} waiting', { count: waiting.length })}</span>}
    </>
  )
}
