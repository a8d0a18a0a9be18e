import { CircleStop, RotateCcw, TriangleAlert, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from '../components/IconButton.tsx'
import { spoken, t } from '../language/language.ts'
import { blobUrl, type Image, type Job } from '../state/api.ts'
import { saidDetails } from '../state/edit-words.ts'
import { draws, engine, isOver, jobWords, useEngine } from '../state/engine.ts'
import { runAgain } from '../state/runs.ts'
import { staged, useStudio } from '../state/studio.ts'
import { sayFailure } from '../state/toasts.ts'
import { useUi } from '../state/ui.ts'
import { countWords, timeWords } from '../state/words.ts'

const MOST = 100
const ENDS = {
  done: '',
  failed: 'Failed',
  cancelled: 'Stopped',
  interrupted: 'Engine stopped',
  waiting: '',
  running: '',
  paused: '',
}

/** Runs that are over, latest first: their results can be taken into the strip again, and each can be run again. */
export function HistoryPanel() {
  const jobs = useEngine(state => state.jobs)
  const operations = useEngine(state => state.operations)
  const over = Object.values(jobs)
    .filter(job => isOver(job) && draws(job, operations))
    .sort((a, b) => (b.endedAt ?? b.createdAt) - (a.endedAt ?? a.createdAt))
    .slice(0, MOST)
  return (
    <>
      <div className="ph">
        <h2>{t('History')}</h2>
        <IconButton label={t('Close panel')} onClick={() => useUi.setState({ panel: undefined })}>
          <X size={16} strokeWidth={1.5} />
        </IconButton>
      </div>
      <div className="pb history" data-testid="history">
        {over.length === 0 && <p className="note">{t('Runs that are over are listed here. None is yet.')}</p>}
        <ul>
          {over.map(job => (
            <Entry key={job.id} job={job} />
          ))}
        </ul>
      </div>
    </>
  )
}

/** The first picture of a run, asked for when the entry is shown. */
function useFirst(job: Job): Image | undefined {
  const [image, setImage] = useState<Image>()
  const [id] = job.images
  useEffect(() => {
    if (id === undefined) return
    let current = true
    engine()
      .then(api => api.images.get({ id }))
      .then(
        found => current && setImage(found),
        () => current && setImage(undefined),
      )
    return () => {
      current = false
    }
  }, [id])
  return image
}

async function showAgain(job: Job): Promise<void> {
  try {
    const api = await engine()
    const images = await Promise.all(job.images.map(id => api.images.get({ id })))
    useStudio.setState(state => staged(state, images))
  } catch (error) {
    sayFailure(error)
  }
}

/** A run that a person stopped is no warning. */
function NoPicture({ state }: Pick<Job, 'state'>) {
  if (state === 'done') return null
  const Icon = state === 'cancelled' ? CircleStop : TriangleAlert
  return <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
}

function Entry({ job }: { job: Job }) {
  const image = useFirst(job)
  const title = useEngine(state => jobWords(job, state.operations))
  const details = saidDetails(job.parameters)
  const end = job.state === 'done' ? countWords(job.images.length) : spoken(job.problem?.message ?? ENDS[job.state])
  const show = () =>
    job.state === 'done'
      ? void showAgain(job)
      : useStudio.setState({ stopped: job.id, watching: true, refused: undefined })
  return (
    <li className="qi">
      <button type="button" className="qi-main" onClick={show}>
        <span className="face">
          {image === undefined ? <NoPicture state={job.state} /> : <img src={blobUrl(image.hash)} alt="" />}
        </span>
        <span className="grow">
          <span className="cut block">{title}</span>
          {details !== undefined && <span className="cut block t12 t3 num">{details}</span>}
          <span className="cut block t12 t3 num">
            {timeWords(job.endedAt ?? job.createdAt)}
            {end !== '' && ` · ${end}`}
          </span>
        </span>
      </button>
      <IconButton label={t('Run again: {title}', { title })} small onClick={() => void runAgain(job.id)}>
        <RotateCcw size={14} strokeWidth={1.5} />
      </IconButton>
    </li>
  )
}
