import { t } from '../language/language.ts'
import type { JobProgress } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'
import { countWords, doneShare, secondsWords, stepWords } from '../state/words.ts'
import { type Box, useRowUnder } from './placing.ts'
import type { Scene } from './scene.ts'
import type { Insets } from './viewport.ts'

interface Props {
  readonly scene: Extract<Scene, { kind: 'work' }>
  readonly frame: Box
  readonly insets: Insets
}

/** What is going on, in words: waiting for the engine, in the queue, opening a model, step by step. */
function useWords({ job, progress }: Props['scene']): string {
  const presence = useEngine(state => state.presence)
  const worker = useEngine(state => state.worker)
  if (job === undefined)
    return presence === 'here' ? t('Starting') : t('The engine is starting; the picture is made as soon as it is there')
  if (job.state === 'waiting') return worker === 'starting' ? t('The engine is starting') : t('Next in the queue')
  return stepWords(progress)
}

/** The line and the row of words under the frame. */
/** Where pictures are drawn one after the other: the step of the one that is drawn now, and which that is. */
function useOnePicture(
  words: string,
  count: number,
  progress: JobProgress | undefined,
): readonly [words: string, picture?: string] {
  const isTogether = useEngine(state => state.provider !== 'cpu')
  const { step = 0, total = 0 } = progress ?? {}
  if (count === 1 || isTogether || progress === undefined || step === 0 || total % count !== 0) return [words]
  const steps = total / count
  const number = Math.floor((step - 1) / steps) + 1
  return [
    stepWords({ ...progress, step: step - (number - 1) * steps, total: steps }),
    t('Picture {number} of {count}', { number, count }),
  ]
}

export function Progress({ scene, frame, insets }: Props) {
  const place = useRowUnder(frame, insets)
  const count = Number(scene.job?.parameters.count ?? 1)
  const [words, picture] = useOnePicture(useWords(scene), count, scene.progress)
  const share = doneShare(scene.progress)
  const left = secondsWords(scene.progress)
  return (
    <div className="progress" style={place} data-testid="progress">
      <div
        className="line"
        role="progressbar"
        aria-label={t('Progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={left === undefined ? words : `${words}, ${left}`}
      >
        <i style={{ transform: `scaleX(${share})` }} />
      </div>
      <div className="progress-words num">
        <b className="cut">{words}</b>
        {count > 1 && <span className="t3">{picture ?? countWords(count)}</span>}
        <span className="grow" />
        {left !== undefined && <span className="t3">{left}</span>}
      </div>
    </div>
  )
}
