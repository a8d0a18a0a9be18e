import { Maximize2, Minimize2, Pause, Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { spoken, t } from '../language/language.ts'
import { blobUrl, type Job, type TrainingHistory } from '../state/api.ts'
import { conceptName, useEngine } from '../state/engine.ts'
import { sentenceOf } from '../state/problem.ts'
import {
  adviceOf,
  duplicate,
  goOn,
  goOnSlower,
  isLocked,
  pause,
  type Stage,
  shownStep,
  stageOf,
  stopAndKeep,
  takeStep,
  useTrainings,
} from '../state/trainings.ts'
import { duration, timeWords } from '../state/words.ts'
import { DistancePane } from './DistancePane.tsx'
import { FilmStrip } from './FilmStrip.tsx'
import { LossPlot } from './LossPlot.tsx'

interface Props {
  readonly job: Job | undefined
  readonly run: string | undefined
  readonly history: TrainingHistory | undefined
}

/** A training that goes on or is over: how far it is, its losses, what it draws, and which step to take. */
export function RunView({ job, run, history }: Props) {
  const step = useTrainings(state => state.step)
  const busy = useTrainings(state => state.busy)
  const stage = stageOf(job, history)
  return (
    <>
      <Head job={job} history={history} stage={stage} />
      {stage === 'failed' && job?.problem !== undefined && (
        <section className="pane" role="alert" data-testid="training-problem">
          <p>{history?.diverged === undefined ? sentenceOf(job.problem) : job.problem.message}</p>
          <div className="mdo">
            {history?.diverged === undefined ? (
              <Button small onClick={() => void goOn(job)}>
                {history?.saved === undefined
                  ? t('Start again')
                  : t('Go on from step {step}', { step: history.saved.step })}
              </Button>
            ) : (
              <Button
                look="primary"
                small
                busy={busy === 'start'}
                onClick={() => void goOnSlower(history.id)}
                data-testid="go-on-slower"
              >
                {history.diverged.safe === 0
                  ? t('Start again')
                  : t('Continue from {safe}', { safe: history.diverged.safe })}{' '}
                {t('at half the rate')}
              </Button>
            )}
            <Button small look="ghost" onClick={() => duplicate(job)}>
              {t('Change the settings')}
            </Button>
          </div>
        </section>
      )}
      {history !== undefined && history.losses.length > 0 && (
        <LossPane history={history} step={shownStep(history, step)} />
      )}
      {history !== undefined && <DistancePane {...history} />}
      {history !== undefined && run !== undefined && <FilmStrip {...{ run, history, stage }} />}
      {history !== undefined && run !== undefined && <Advice run={run} history={history} stage={stage} />}
    </>
  )
}

/** The losses; larger on demand, to be read more closely. */
function LossPane({ history, step }: { history: TrainingHistory; step: number | undefined }) {
  const [isLarge, setLarge] = useState(false)
  return (
    <section className="pane" aria-labelledby="loss-title">
      <div className="pane-head">
        <h2 id="loss-title">{t('Loss')}</h2>
        <span className="legend">
          <i className="own" /> {t('your pictures')}
        </span>
        {history.heldBack.length > 0 && (
          <span className="legend">
            <i className="held" /> {t('held back')}
          </span>
        )}
        <IconButton
          small
          label={isLarge ? t('Smaller') : t('Larger')}
          onClick={() => setLarge(!isLarge)}
          data-testid="plot-size"
        >
          {isLarge ? <Minimize2 size={16} strokeWidth={1.5} /> : <Maximize2 size={16} strokeWidth={1.5} />}
        </IconButton>
      </div>
      <LossPlot history={history} step={step} isLarge={isLarge} />
    </section>
  )
}

const STAGES: Readonly<Record<Stage, string>> = {
  waiting: 'Waits in the queue',
  preparing: 'Preparing',
  learning: 'Learning',
  paused: 'Paused',
  failed: 'Stopped',
  done: 'Learned',
}

function Head({ job, history, stage }: Omit<Props, 'run'> & { stage: Stage }) {
  const progress = useEngine(state => (job === undefined ? undefined : state.progress[job.id]))
  const busy = useTrainings(state => state.busy)
  const step = stage === 'learning' ? Math.max(progress?.step ?? 0, history?.done ?? 0) : (history?.done ?? 0)
  const steps = history?.steps ?? Number(job?.parameters.steps ?? 0)
  const face = history?.looks.at(-1)?.pictures[0]
  const words =
    stage === 'preparing'
      ? spoken(progress?.phase ?? 'Starting')
      : t('{stage}, step {step} of {steps}', { stage: t(STAGES[stage]), step, steps })
  return (
    <>
      <header className="run-head" data-testid="run-head">
        {face !== undefined && <img src={blobUrl(face)} alt="" />}
        <div className="grow">
          <h2 className="teach-name cut">{history?.name ?? (job ? conceptName(job) : t('A concept'))}</h2>
          <p className="t2 num" role="status" data-testid="run-state">
            {stage === 'waiting' ? STAGES.waiting : words}
          </p>
        </div>
        <div className="run-time num">
          {isLocked(stage) && progress?.secondsLeft !== undefined && (
            <b>{t('{duration} left', { duration: duration(progress.secondsLeft) })}</b>
          )}
          {history?.saved !== undefined && <Saved {...history.saved} />}
        </div>
        {job !== undefined && isLocked(stage) && (
          <>
            <Button busy={busy === 'pause'} onClick={() => void pause(job)} data-testid="pause-training">
              <Pause size={16} strokeWidth={1.5} aria-hidden="true" />
              {stage === 'waiting' ? t('Take out') : t('Pause')}
            </Button>
            {stage === 'learning' && (
              <Button
                look="ghost"
                busy={busy === 'stop'}
                onClick={() => void stopAndKeep(job)}
                data-testid="stop-and-keep"
              >
                {t('Stop and keep')}
              </Button>
            )}
          </>
        )}
        {job !== undefined && stage === 'paused' && (
          <Button busy={busy === 'start'} onClick={() => void goOn(job)} data-testid="go-on">
            <Play size={16} strokeWidth={1.5} aria-hidden="true" />
            {t('Go on')}
          </Button>
        )}
      </header>
      <div
        className="bar2 run-bar"
        data-stage={stage}
        role="progressbar"
        aria-label={t('Steps that are learned')}
        aria-valuemin={0}
        aria-valuemax={steps}
        aria-valuenow={step}
      >
        <i style={{ transform: `scaleX(${steps === 0 ? 0 : step / steps})` }} />
      </div>
    </>
  )
}

/** How old the newest state is; a minute is not counted in seconds. */
function Saved({ step, at }: { step: number; at: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, (now - at) / 1000)
  const ago = seconds < 90 ? `${Math.round(seconds)} s ago` : timeWords(at, now)
  return <span className="t12 t3">{t('checkpoint at step {step}, {ago}', { step, ago })}</span>
}

/** The step that is looked at becomes the concept. */
function Advice({ run, history, stage }: { run: string; history: TrainingHistory; stage: Stage }) {
  const chosen = useTrainings(state => state.step)
  const busy = useTrainings(state => state.busy)
  const step = shownStep(history, chosen)
  const isKept = step !== undefined && history.kept.includes(step)
  return (
    <section className="pane advice" data-testid="advice">
      <p className="t2 grow">{adviceOf(history, stage)}</p>
      {history.kept.length > 0 && (
        <Button
          look="primary"
          small
          busy={busy === 'use'}
          disabled={!isKept}
          title={isKept ? undefined : t('Nothing was learned at this step, or it was not kept.')}
          onClick={() => step !== undefined && void takeStep(run, step)}
          data-testid="use-step"
        >
          {t('Use step {step}', { step: step ?? '' })}
        </Button>
      )}
    </section>
  )
}
