import { Undo2, X } from 'lucide-react'
import { Button } from '../../components/Button.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { blobUrl, type Image } from '../../state/api.ts'
import { subjectOf } from '../../state/bend.ts'
import { saidDetails, saidEdit } from '../../state/edit-words.ts'
import { useEngine } from '../../state/engine.ts'
import { pairOf, useStudio } from '../../state/studio.ts'
import { useUi } from '../../state/ui.ts'
import { clearEdit, drawEdit, editOf, requestOfEdit, setEdit, useWordEdit, wordsOf } from '../../state/word-edit.ts'
import { lookAtWords, lookRequest, looksOf, useWordLooks } from '../../state/word-looks.ts'
import { useBusy } from '../Dock.tsx'
import { BendPicture } from './BendPicture.tsx'
import { HardlyChanged } from './HardlyChanged.tsx'
import { Share } from './Share.tsx'
import { WordChips } from './WordChips.tsx'

/** Edits the words of the picture in the frame: each is a chip, and what was there keeps its place. */
export function WordsPanel() {
  const picture = useStudio(state => pairOf(state).picture)
  const canEdit = picture !== undefined && wordsOf(picture) !== ''
  return (
    <>
      <div className="ph">
        <h2>{t('Words')}</h2>
        <IconButton label={t('Close panel')} onClick={() => useUi.setState({ panel: undefined })}>
          <X size={16} strokeWidth={1.5} />
        </IconButton>
      </div>
      <div className="pb words-panel" data-testid="words-panel">
        {canEdit ? (
          <Editing picture={picture} />
        ) : (
          <p className="note">
            {t(
              'A picture that was drawn from words is edited here word by word. Draw one, or take one from the History.',
            )}
          </p>
        )}
        {picture !== undefined && <Bending picture={picture} />}
        <Edits />
      </div>
    </>
  )
}

function Bending({ picture }: { picture: Image }) {
  const hash = useEngine(state => subjectOf(picture, state.others))
  return <BendPicture key={hash} picture={{ ...picture, hash }} />
}

function Editing({ picture }: { picture: Image }) {
  useWordEdit() // what is drawn here follows it
  const edit = editOf(picture)
  const busy = useBusy()
  const request = useEngine(state => requestOfEdit(picture, edit, state) !== undefined)
  const isDrawn = picture.recipe?.operation === 'text-to-image'
  return (
    <>
      <WordChips picture={picture} edit={edit} />
      <Looking picture={picture} />
      <div className="sec">
        <Share
          name="keepPlacement"
          title={t('Keep placement')}
          about={t('For how much of the steps words look where they looked before (cross-attention).')}
          value={edit.keepPlacement}
          onChange={keepPlacement => setEdit(picture, { keepPlacement })}
        />
        <Share
          name="keepShape"
          title={t('Keep shape')}
          about={t('For how much of the steps the picture keeps its shapes (self-attention).')}
          value={edit.keepShape}
          onChange={keepShape => setEdit(picture, { keepShape })}
        />
        <label className="words-only">
          <input
            type="checkbox"
            checked={edit.onlyThere}
            onChange={event => {
              setEdit(picture, { onlyThere: event.target.checked })
              if (event.target.checked) void lookAtWords(picture)
            }}
            data-testid="words-only"
          />
          {t('Change only where the words look')}
        </label>
        {edit.onlyThere && (
          <Share
            name="onlyAbove"
            title={t('Above')}
            about={t('How much of the most a place must be looked at to change.')}
            value={edit.above}
            onChange={above => setEdit(picture, { above })}
          />
        )}
      </div>
      <div className="words-doing">
        <IconButton label={t('Take all changes back')} onClick={() => clearEdit(picture)} data-testid="words-clear">
          <Undo2 size={16} strokeWidth={1.5} />
        </IconButton>
        <span className="grow" />
        <Button disabled={!request} busy={busy} onClick={() => void drawEdit(picture)} data-testid="words-update">
          {t('Update')}
        </Button>
      </div>
      <HardlyChanged picture={picture} />
      {!isDrawn && <p className="note">{t('The noise that draws this picture is found first.')}</p>}
    </>
  )
}

/** What the words look at, in words: how to see it, or that it is being found out. */
function Looking({ picture }: { picture: Image }) {
  const looks = useWordLooks(state => looksOf(state, picture))
  const canLook = useEngine(state => lookRequest(picture, state) !== undefined)
  if (!canLook) return null
  return (
    <p className="note" role="status" data-testid="words-looking">
      {looks === undefined
        ? t('Click a word to change it, and to see where in the picture it looks.')
        : looks.isLooking
          ? t('Finding out where the words look…')
          : t('Point at a word to see where it looks.')}
    </p>
  )
}

/** What was edited among the pictures that wait, latest first, in words. */
function Edits() {
  const staged = useStudio(state => state.draft.staged)
  const said = staged
    .map(image => ({ image, parameters: image.recipe?.parameters ?? {} }))
    .flatMap(({ image, parameters }) => {
      const words = saidEdit(parameters)
      return words === undefined ? [] : [{ image, words, holds: saidDetails(parameters) }]
    })
    .toReversed()
  if (said.length === 0) return null
  return (
    <section className="sec" aria-label={t('Edits so far')}>
      <h3 className="t12 t3">{t('Edits so far')}</h3>
      <ul className="words-edits" data-testid="words-edits">
        {said.map(({ image, words, holds }) => (
          <li key={image.id}>
            <img src={blobUrl(image.hash)} alt="" />
            <span className="grow">
              <span className="cut block">{words}</span>
              <span className="cut block t12 t3 num">{holds}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
