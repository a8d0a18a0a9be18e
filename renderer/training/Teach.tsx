import { Plus } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { t } from '../language/language.ts'
import type { Dataset } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'
import { openDataset, readDatasets, readPictures, seeAs, useTeach } from '../state/teach.ts'
import {
  enterTraining,
  lookAt,
  lookedAt,
  readHistory,
  readTrainings,
  stageOf,
  teachable,
  useTrainings,
  waysFor,
} from '../state/trainings.ts'
import { AddFolder } from './AddFolder.tsx'
import { HowPanel } from './HowPanel.tsx'
import { Overview, Sets } from './Overview.tsx'
import { PictureDetails } from './PictureDetails.tsx'
import { PictureGrid } from './PictureGrid.tsx'
import { RunView } from './RunView.tsx'
import { SetUp } from './SetUp.tsx'
import { useTrainingEstimate } from './use-training-estimate.ts'

/** Milliseconds from what the engine tells of a data set to reading its pictures anew; and at least from one reading to the next while a
 *  folder is looked through. */
const [CALM, AGAIN] = [300, 1500]
/** Milliseconds from one reading of a run's history to the next. */
const HISTORY_AGAIN = 1000

/** The room where a model is taught: the pictures that it learns from, their words, and what it would see of them; the training itself, and how it
 *  is done. */
export function Teach() {
  const chosen = useTeach(state => state.chosen)
  const dataset = useEngine(state => (chosen === undefined ? undefined : state.datasets[chosen]))
  const looked = useTrainings(state => state.looked)
  useEffect(() => void readDatasets(), [])
  useEffect(() => void enterTraining(), [])
  useFreshPictures(dataset)
  useToastPlace()
  return (
    <main className={dataset || looked ? 'teach' : 'teach bare'} data-testid="teach">
      <h1 className="sr">{t('Teach')}</h1>
      {dataset === undefined && looked === undefined ? (
        <div className="teach-empty">
          <Runs />
          <AddFolder title={t('Pictures to learn from')} />
        </div>
      ) : (
        <Rooms dataset={dataset} />
      )}
    </main>
  )
}

/** Toasts stand beside the right column, over the row that says which step to take. */
function useToastPlace(): void {
  useEffect(() => {
    const { style } = document.documentElement
    style.setProperty('--toast-right', '324px')
    style.setProperty('--toast-bottom', '76px')
    return () => {
      style.removeProperty('--toast-right')
      style.removeProperty('--toast-bottom')
    }
  }, [])
}

/** Reads the pictures of a data set as it changes. */
function useFreshPictures(dataset: Dataset | undefined): void {
  const lastRead = useRef(0)
  const { model } = useTaught()
  useEffect(() => {
    if (model) seeAs(model)
  }, [model])
  useEffect(() => {
    const since = performance.now() - lastRead.current
    const timer = setTimeout(
      () => {
        lastRead.current = performance.now()
        void readPictures()
      },
      dataset?.progress === undefined ? CALM : Math.max(0, AGAIN - since),
    )
    return () => clearTimeout(timer)
  }, [dataset])
}

/** The model that learns, and the way. */
function useTaught() {
  const operations = useEngine(state => state.operations)
  const models = useEngine(state => state.models)
  const model = useTrainings(state => state.model)
  const way = useTrainings(state => state.operation)
  return useMemo(() => {
    const able = teachable(models, operations)
    const found = able.find(({ id }) => id === model) ?? able.find(({ kind }) => kind === 'checkpoint') ?? able[0]
    const ways = waysFor(operations, found)
    return { model: found, operation: ways.find(({ id }) => id === way) ?? ways[0] }
  }, [operations, models, model, way])
}

/** The run that is looked at, read again as it goes on. */
function useLooked() {
  const looked = useTrainings(state => state.looked)
  const runs = useTrainings(state => state.runs)
  const jobs = useEngine(state => state.jobs)
  const progress = useEngine(state => state.progress)
  const { run, job } = lookedAt({ looked, runs }, jobs, progress)
  const state = job?.state
  useEffect(() => {
    // What a job says of itself ends with it; its run stays.
    if (run !== undefined) useTrainings.setState(({ looked: now }) => ({ looked: now && { ...now, run } }))
  }, [run])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the job is another list of runs
  useEffect(() => {
    void readTrainings()
  }, [run, state])
  useEffect(() => {
    if (run === undefined) return
    void readHistory(run)
    if (state !== 'running') return
    const timer = setInterval(() => void readHistory(run), HISTORY_AGAIN)
    return () => clearInterval(timer)
  }, [run, state])
  const history = useTrainings(({ history: read }) => (read?.id === run ? read : undefined))
  return { isLooked: looked !== undefined, run, job, history }
}

/** Opens the data set that the run that is looked at learns from. */
function useOwnPictures(images: unknown): void {
  const isHere = useEngine(state => typeof images === 'string' && state.datasets[images] !== undefined)
  useEffect(() => {
    if (typeof images === 'string' && isHere && useTeach.getState().chosen !== images) openDataset(images)
  }, [images, isHere])
}

/** Pictures, the training, how it is learned. */
function Rooms({ dataset }: { dataset: Dataset | undefined }) {
  const { isLooked, run, job, history } = useLooked()
  useOwnPictures(job?.parameters.images)
  const { model, operation } = useTaught()
  const operations = useEngine(state => state.operations)
  const estimate = useTrainingEstimate(isLooked ? undefined : dataset, operation, model)
  const taughtBy = operations.find(({ id }) => id === job?.operation)
  const isOfWords = model?.kind !== 'classes' && model?.kind !== 'unconditional'
  const stage = isLooked ? stageOf(job, history) : undefined
  return (
    <>
      <aside className="teach-pictures" aria-label={t('Pictures')}>
        {dataset === undefined ? (
          <AddFolder title={t('Pictures to learn from')} />
        ) : (
          <>
            <PictureGrid dataset={dataset} isOfWords={isOfWords} />
            <PictureDetails />
          </>
        )}
      </aside>
      <div className={isLooked ? 'teach-middle running' : 'teach-middle'} data-region="teach-middle">
        <Runs />
        {isLooked ? (
          <RunView job={job} run={run} history={history} />
        ) : (
          dataset !== undefined && (
            <>
              <Sets chosen={dataset.id} />
              <SetUp {...{ dataset, operation, model, estimate }} />
              <Overview dataset={dataset} isOfWords={isOfWords} />
            </>
          )
        )}
      </div>
      <HowPanel {...{ estimate, model, job, stage }} operation={taughtBy ?? operation} />
    </>
  )
}

/** Runs that are looked at: the newest few, and a new one. */
const MOST_RUNS = 6

function Runs() {
  const runs = useTrainings(state => state.runs)
  const looked = useTrainings(state => state.looked)
  const jobs = useEngine(state => state.jobs)
  const progress = useEngine(state => state.progress)
  const { run } = lookedAt({ looked, runs }, jobs, progress)
  if (runs.length === 0 && looked === undefined) return null
  return (
    <nav className="teach-sets" aria-label={t('Trainings')}>
      <button
        type="button"
        className={looked === undefined ? 'chip on' : 'chip'}
        aria-current={looked === undefined ? 'true' : undefined}
        onClick={() => lookAt(undefined)}
        data-testid="new-training"
      >
        <Plus size={14} strokeWidth={1.5} aria-hidden="true" /> {t('New')}
      </button>
      {runs.slice(0, MOST_RUNS).map(({ id, name, steps, ...known }) => {
        const { step: done = known.done } = Object.values(progress).find(each => each.training === id) ?? {}
        return (
          <button
            key={id}
            type="button"
            className={id === run ? 'chip on' : 'chip'}
            aria-current={id === run ? 'true' : undefined}
            onClick={() => lookAt({ run: id })}
            data-testid="training-run"
          >
            <span className="v cut">{name}</span>
            <span className="t3 num">{done >= steps ? `${steps}` : t('{done} of {steps}', { done, steps })}</span>
          </button>
        )
      })}
    </nav>
  )
}
