import { Popover } from 'radix-ui'
import { useEffect, useRef } from 'react'
import {
  forgetFound,
  type Joining,
  lookForWords,
  setEdge,
  takeFound,
  useFinding,
  wordFinder,
} from '../../canvas/actions/words.ts'
import { Button } from '../../components/Button.tsx'
import { Form } from '../../components/Form.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { TextField } from '../../components/TextField.tsx'
import { t } from '../../language/language.ts'
import { useEngine } from '../../state/engine.ts'
import { openGetModels } from '../../state/models.ts'
import { Share } from '../words/Share.tsx'

const WAYS: readonly { readonly value: Joining; readonly label: string }[] = [
  { value: 'add', label: 'Add' },
  { value: 'subtract', label: 'Subtract' },
  { value: 'replace', label: 'Replace' },
]

/** Masks what words name in the picture. */
export function WordsBar() {
  return (
    <Popover.Root onOpenChange={open => !open && forgetFound()}>
      <Popover.Trigger asChild>
        <Button look="ghost" small data-testid="mask-from-words">
          {t('From words')}
        </Button>
      </Popover.Trigger>
      {/* Under the beginning of the bar, beside what is found. */}
      <Popover.Anchor className="bar-start" />
      <Popover.Portal>
        <Popover.Content
          className="pop chip-pop more-options"
          align="start"
          sideOffset={12}
          collisionPadding={12}
          aria-label={t('Mask from words')}
          // A click on the picture looks closer at what was found.
          onInteractOutside={event => event.target instanceof HTMLCanvasElement && event.preventDefault()}
        >
          <Finding />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Finding() {
  const { words, edge, how, isLooking, found } = useFinding()
  const finder = useEngine(state => wordFinder(state.others))
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  if (finder === undefined) return <NoFinder />
  const isFresh = found?.of === words
  return (
    <Form
      className="words-finding"
      onSubmit={() => {
        if (isFresh) takeFound()
        else void lookForWords()
      }}
    >
      <TextField
        label={t('What to find; commas between several things')}
        ref={field}
        value={words}
        placeholder={t('cat, hat')}
        onChange={next => useFinding.setState({ words: next })}
        data-testid="finding-words"
      />
      <Share
        name="threshold"
        title={t('Threshold')}
        about={t('How sure the model must be of a place: less finds more.')}
        value={edge.threshold}
        minimum={0.02}
        maximum={0.98}
        step={0.02}
        onChange={threshold => setEdge({ threshold })}
      />
      <Share
        name="softness"
        title={t('Soft edge')}
        about={t('How gradually places count from about the threshold on; 0: wholly or not at all.')}
        value={edge.softness}
        onChange={softness => setEdge({ softness })}
      />
      <Segmented
        label={t('What becomes of the mask')}
        value={how}
        choices={WAYS.map(way => ({ ...way, label: t(way.label) }))}
        onChange={next => useFinding.setState({ how: next })}
        fill
      />
      <div className="words-doing">
        <span className="t12 t3" role="status">
          {isLooking ? t('Looking at the picture') : ''}
        </span>
        <span className="grow" />
        <Button type="submit" busy={isLooking} disabled={isLooking || words.trim() === ''} data-testid="finding-do">
          {isFresh ? t('To mask') : t('Find')}
        </Button>
      </div>
    </Form>
  )
}

/** What to do where no model finds words. */
function NoFinder() {
  return (
    <>
      <p className="note">
        {t(
          'No model here finds words in pictures. Bring a CLIPSeg: drop its folder on Models, such as CIDAS/clipseg-rd64-refined.',
        )}
      </p>
      <Button small onClick={openGetModels} data-testid="finding-models">
        {t('Go to Models')}
      </Button>
    </>
  )
}
