import { Image as Single } from 'lucide-react'
import { type MouseEvent, useEffect, useRef } from 'react'
import { acceptResult } from '../canvas/actions/accept.ts'
import { Button } from '../components/Button.tsx'
import { DifferenceIcon, SideBySideIcon, SplitIcon } from '../components/icons.tsx'
import { type Choice, Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import { blobUrl, type Image, type Job } from '../state/api.ts'
import { useShortcuts } from '../state/bindings.ts'
import { discardResults } from '../state/commands.ts'
import { frameQueueOf, imagePrompt, named, useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { vary } from '../state/runs.ts'
import { type Compare, pairOf, shownAs, useStudio } from '../state/studio.ts'
import { doneShare } from '../state/words.ts'
import { useBusy, useCard } from './Dock.tsx'

const COMPARES = [
  { value: 'single', label: 'One picture', icon: <Single size={16} strokeWidth={1.5} />, quiet: true },
  { value: 'split', label: 'Split', icon: <SplitIcon /> },
  { value: 'side', label: 'Side by side', icon: <SideBySideIcon /> },
  { value: 'difference', label: 'Difference', icon: <DifferenceIcon /> },
] as const satisfies readonly Choice<Compare>[]

/** The job whose pictures are being made, when they deserve a place in the strip: several at once, or next to results. */
function useMaking(): Job | undefined {
  const results = useStudio(state => state.draft.staged.length > 0)
  const running = useEngine(state => frameQueueOf(state).running)
  return running !== undefined && (results || Number(running.parameters.count ?? 1) > 1) ? running : undefined
}

/** Results that wait to be accepted or put away, and what is being made. */
export function Strip() {
  const staged = useStudio(state => state.draft.staged)
  const making = useMaking()
  if (staged.length === 0 && making === undefined) return null
  return (
    <section className="float above strip" aria-label={t('Results')} data-region="results" data-testid="results">
      <Candidates staged={staged} making={making} />
      {staged.length > 0 && <Choices />}
    </section>
  )
}

function Candidates({ staged, making }: { staged: readonly Image[]; making: Job | undefined }) {
  const shown = useStudio(state => state.shown)
  const compared = useStudio(state => (pairOf(state).other === undefined ? -2 : state.compared))
  const watching = useStudio(state => state.watching)
  const list = useRef<HTMLDivElement>(null)
  const current = making !== undefined && watching ? `making-${making.id}` : `result-${shown}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is shown comes into sight
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current, staged.length])
  const click = (event: MouseEvent, index: number) =>
    event.shiftKey
      ? useStudio.setState(state => ({ compared: index === state.shown ? state.compared : index }))
      : useStudio.setState(state => shownAs(state, index))
  return (
    <div
      className="thumbs"
      role="listbox"
      aria-label={t('Results')}
      aria-orientation="horizontal"
      aria-activedescendant={current}
      tabIndex={0}
      ref={list}
      data-region-focus
      data-window-keys
      data-scrolls
    >
      {staged.map((image, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus, its keys are those of the window
        // biome-ignore lint/a11y/useKeyWithClickEvents: 1 to 9 and the arrow keys choose
        <div
          key={image.id}
          id={`result-${index}`}
          role="option"
          aria-selected={!watching && index === shown}
          aria-label={t('Result {number}: {prompt}, seed {seed}', {
            number: index + 1,
            prompt: named(imagePrompt(image)),
            seed: image.recipe?.seed ?? t('unknown'),
          })}
          className={thumbClass(!watching && index === shown, index === compared)}
          onClick={event => click(event, index)}
          data-testid="result"
        >
          <img src={blobUrl(image.hash)} alt="" draggable={false} />
          <span className="badge n">{index + 1}</span>
        </div>
      ))}
      {making !== undefined && <Making job={making} />}
    </div>
  )
}

const thumbClass = (on: boolean, compared: boolean) =>
  ['th', on && 'on', compared && !on && 'b'].filter(Boolean).join(' ')

/** One thumbnail for each picture of the running batch, with its preview; a click puts it into the frame. */
function Making({ job }: { job: Job }) {
  const progress = useEngine(state => state.progress[job.id])
  const watching = useStudio(state => state.watching)
  const watched = useStudio(state => state.watched)
  const count = Math.min(64, Number(job.parameters.count ?? 1))
  const newest = Math.max(0, (progress?.previews?.length ?? 1) - 1)
  return Array.from({ length: count }, (_, k) => {
    const preview = progress?.previews?.[k]
    const on = watching && k === (watched ?? newest)
    // Pictures are drawn one after the other.
    const share = Math.min(Math.max(doneShare(progress) * count - k, 0), 1)
    return (
      // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus
      // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys choose among results
      <div
        // biome-ignore lint/suspicious/noArrayIndexKey: the k-th picture of a batch is its place
        key={k}
        id={on ? `making-${job.id}` : undefined}
        role="option"
        aria-selected={on}
        aria-label={t('Being made: picture {number} of {count}', { number: k + 1, count })}
        className={thumbClass(on, false)}
        onClick={() => useStudio.setState({ watching: true, watched: k })}
      >
        {preview !== undefined && <img src={preview} alt="" draggable={false} />}
        <span className="making">
          <i style={{ transform: `scaleX(${share})` }} />
        </span>
      </div>
    )
  })
}

/** Four pictures near to the shown one. */
function varyShown(): void {
  const { draft, shown } = useStudio.getState()
  const picture = draft.staged[shown]
  if (picture !== undefined) void vary(picture)
}

function Choices() {
  const compare = useStudio(state => state.compare)
  const comparable = useStudio(state => pairOf(state).other !== undefined)
  const busy = useBusy()
  const message = useCard()
  const shortcut = useShortcuts()
  const reads = useForm().model?.kind === 'checkpoint'
  return (
    <div className="choices">
      {comparable && (
        <Segmented
          label={t('Compare')}
          named
          value={compare}
          choices={COMPARES}
          onChange={value => useStudio.setState({ compare: value, watching: false })}
        />
      )}
      <span className="sep" />
      {reads && (
        <Button look="ghost" onClick={varyShown} data-testid="vary">
          {t('Vary')}
        </Button>
      )}
      <Button look="ghost" shortcut={shortcut('discard')} onClick={discardResults} data-testid="discard">
        {t('Discard')}
      </Button>
      <Button
        look={busy || message ? 'quiet' : 'primary'}
        shortcut="↵"
        onClick={() => void acceptResult()}
        data-testid="accept"
      >
        {t('Accept')}
      </Button>
    </div>
  )
}
