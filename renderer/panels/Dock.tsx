import { Plus, TriangleAlert, Zap } from 'lucide-react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { spoken, t } from '../language/language.ts'
import { leftOutWords, partsWords, useEstimate, useTokens } from '../state/asking.ts'
import { useShortcuts } from '../state/bindings.ts'
import { frameQueueOf, useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { toggleLive, useLive } from '../state/live.ts'
import { MODE_WORDS, modeOf, ownDoing, useMode } from '../state/mode.ts'
import { cancelRun, generate } from '../state/runs.ts'
import { useStudio } from '../state/studio.ts'
import { fold, useUi } from '../state/ui.ts'
import { aboutCost } from '../state/words.ts'
import { ConceptChips } from './chips/ConceptChips.tsx'
import { CountChip } from './chips/CountChip.tsx'
import { ModeChip } from './chips/ModeChip.tsx'
import { ModelChip } from './chips/ModelChip.tsx'
import { SizeChip } from './chips/SizeChip.tsx'
import { ClassField } from './fields/ClassField.tsx'
import { PromptField } from './prompt/PromptField.tsx'

/** Whether something is being made or will be without further doing. */
export function useBusy(): boolean {
  const asking = useStudio(state => state.asks.length > 0)
  const working = useEngine(state => {
    const { running, waiting } = frameQueueOf(state)
    return running !== undefined || (waiting.length > 0 && !state.queuePaused)
  })
  return asking || working
}

/** Whether a card on the frame has the filled button. */
export function useCard(): boolean {
  const jobs = useEngine(state => state.jobs)
  return useStudio(
    ({ refused, stopped }) =>
      refused !== undefined ||
      (stopped !== undefined && jobs[stopped] !== undefined && jobs[stopped].state !== 'cancelled'),
  )
}

/** The prompt, what the next picture is like, and the button that makes it. */
export function Dock() {
  const { fields } = useForm()
  const reads = fields.length === 0 || fields.some(({ widget }) => widget === 'prompt')
  return (
    <section className="float dock" aria-label={t('Prompt')} data-region="dock" data-testid="dock">
      {reads ? <PromptField /> : <Wordless />}
      <PromptState />
      <div className="bar">
        <ModeChip />
        <ModelChip />
        <SizeChip />
        <CountChip />
        <ConceptChips />
        <NegativeButton />
        <LiveButton />
        <span className="grow" />
        <Doing />
      </div>
    </section>
  )
}

/** What stands in the place of the prompt for a model that reads no words: its classes, or why there is nothing to write. */
function Wordless() {
  const { fields, model } = useForm()
  const values = useStudio(state => state.draft.values)
  const field = fields.find(({ widget }) => widget === 'class')
  return (
    <div className="wordless" data-testid="wordless" data-region-focus tabIndex={-1}>
      {model?.kind === 'upscaler' ? (
        <p>{t('{name} reads no words: it makes the picture in the frame larger.', { name: model.name })}</p>
      ) : model?.beside === 'example' ? (
        <p>{t('{name} reads no words: it paints what the topmost control layer shows.', { name: model.name })}</p>
      ) : field === undefined ? (
        <p>
          {t('{name} reads no words: it draws pictures like those that it was trained on.', {
            name: model?.name ?? '',
          })}
        </p>
      ) : (
        <ClassField field={field} values={values} model={model} />
      )}
    </div>
  )
}

/** One line under the prompt, only when there is something to say: words that do not fit, or not at once; an engine that is away. */
function PromptState() {
  const tokens = useTokens()
  const presence = useEngine(state => state.presence)
  const { model } = useForm()
  const leftOut = tokens === undefined ? undefined : leftOutWords(tokens.limit, tokens.leftOut)
  const parts = tokens === undefined ? undefined : partsWords(tokens)
  return (
    <div id="prompt-state" aria-live="polite">
      {presence !== 'here' && <Away first={presence === 'starting'} />}
      {model?.problem !== undefined && (
        <p className="dock-line warned">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          {spoken(model.problem)}
        </p>
      )}
      {leftOut !== undefined && (
        <p className="dock-line warned" title={tokens?.leftOut} data-testid="left-out">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          <span className="cut">
            {leftOut} <s>{tokens?.leftOut}</s>
          </span>
        </p>
      )}
      {parts !== undefined && (
        <p className="dock-line" data-testid="prompt-parts">
          {parts}
        </p>
      )}
    </div>
  )
}

/** Tries that a start takes at most; after them something must be done by hand. */
const PATIENCE = 8

/** What to expect while the engine is not there. */
function Away({ first }: { first: boolean }) {
  const lost = useEngine(state => state.tries >= PATIENCE)
  if (first && !lost) return null
  const words =
    window.sfumato === undefined
      ? 'Nothing answers this page. If Sfumato has ended, start it and open the address that it prints.'
      : 'The engine does not start. Close Sfumato and open it again; its log says more.'
  return (
    <p className={lost ? 'dock-line warned' : 'dock-line'} data-testid="engine-state">
      {lost && <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />}
      {lost
        ? t(words)
        : t('The engine is starting again. Writing and saving go on; a picture that you ask for now waits.')}
    </p>
  )
}

function NegativeButton() {
  const { fields } = useForm()
  const field = fields.find(each => each.widget === 'text')
  if (field === undefined) return null
  return (
    <IconButton
      label={t('Add: {title}', { title: field.title })}
      onClick={() => {
        useUi.setState({ panel: 'settings' })
        fold(field.group, false)
        setTimeout(
          () => document.querySelector<HTMLElement>(`[data-testid="field-${field.name}"] textarea`)?.focus(),
          60,
        )
      }}
    >
      <Plus size={16} strokeWidth={1.5} />
    </IconButton>
  )
}

/** Draws again after each stroke. */
function LiveButton() {
  const on = useLive(state => state.on)
  const { model } = useForm()
  if (model?.kind !== 'checkpoint') return null
  return (
    <IconButton
      label={on ? t('Live is on: drawn again after each stroke') : t('Live: draw again after each stroke')}
      on={on}
      onClick={toggleLive}
      data-testid="live"
    >
      <Zap size={16} strokeWidth={1.5} />
    </IconButton>
  )
}

/** The button, and what it will cost; while something runs, the way out and the way on. The button stays the same one, so
 *  that it keeps the focus. */
function Doing() {
  const busy = useBusy()
  const { operation, model } = useForm()
  const results = useStudio(state => state.draft.staged.length > 0)
  const card = useCard()
  const shortcut = useShortcuts()
  const opening = operation === undefined || model === undefined
  const mode = useMode(modeOf)
  const own = ownDoing(model)
  const does = own ? t(own.does) : model?.kind === 'checkpoint' ? t(MODE_WORDS[mode].does) : t('Generate')
  const words = busy ? t('Add to queue') : opening ? t('Opening') : does
  return (
    <>
      {busy ? <WayOut /> : <Cost />}
      <Button
        key="run"
        look={busy || results || card ? 'quiet' : 'primary'}
        shortcut={shortcut('generate')}
        busy={opening && !busy}
        onClick={() => void generate()}
        data-testid="generate"
      >
        {words}
      </Button>
    </>
  )
}

function Cost() {
  const estimate = useEstimate()
  const words = aboutCost(estimate)
  if (words === undefined) return null
  return estimate?.fits === false ? (
    <span className="est num warn-text" data-testid="estimate">
      {t('{words}: too much memory', { words })}
    </span>
  ) : (
    <span className="est num" data-testid="estimate">
      {words}
    </span>
  )
}

function WayOut() {
  const cancelling = useStudio(state => state.cancelling !== undefined)
  const goingOn = useStudio(state => state.goingOn)
  return (
    <>
      {goingOn && <span className="est">{t('goes on until stopped')}</span>}
      <Button look="ghost" shortcut="Esc" busy={cancelling} onClick={cancelRun} data-testid="cancel">
        {cancelling ? t('Stopping') : t('Cancel')}
      </Button>
    </>
  )
}
