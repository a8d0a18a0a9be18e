import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../components/Button.tsx'
import { t } from '../language/language.ts'
import type { Dataset, DatasetDetails } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'
import { sentenceOf } from '../state/problem.ts'
import {
  editTags,
  forgetDataset,
  leaveOutCopies,
  lookAgain,
  openDataset,
  type Show as Shown,
  showOnly,
  stopLooking,
  useTeach,
} from '../state/teach.ts'
import { countWords } from '../state/words.ts'
import { AddFolder } from './AddFolder.tsx'
import { TagEditor } from './TagEditor.tsx'

/** Tags that are shown as chips. */
const MOST_TAGS = 40

/** A data set as a whole: how far the look through its folder is, sizes, words, what is there twice.
 *  @param isOfWords whether the model that learns reads words */
export function Overview({ dataset, isOfWords }: { dataset: Dataset; isOfWords: boolean }) {
  const details = useTeach(state => state.details)
  return (
    <>
      <section className="mbox" aria-labelledby="set-title" data-region="teach-set">
        <h2 id="set-title" className="teach-name">
          {dataset.name}
        </h2>
        <p className="mwords t12">{dataset.folder}</p>
        <p className="mwords" role="status" data-testid="dataset-state">
          {stateWords(dataset)}
        </p>
        {dataset.progress !== undefined && <Bar {...dataset.progress} />}
        {dataset.problem !== undefined && (
          <p className="mwords mproblem" role="alert">
            {sentenceOf(dataset.problem)}
          </p>
        )}
        <div className="mdo">
          {dataset.progress === undefined ? (
            <Button small onClick={() => void lookAgain(dataset.id)} data-testid="look-again">
              {dataset.isComplete ? t('Look again') : t('Go on looking')}
            </Button>
          ) : (
            <Button small onClick={() => void stopLooking(dataset.id)} data-testid="stop-looking">
              {t('Stop')}
            </Button>
          )}
          <Button small look="ghost" onClick={() => void forgetDataset(dataset.id)} data-testid="forget-dataset">
            {t('Forget it')}
          </Button>
        </div>
      </section>
      <Findings {...{ dataset, details, isOfWords }} />
      {details !== undefined && details.buckets.length > 0 && <Buckets details={details} />}
      {details !== undefined && dataset.pictures > 0 && isOfWords && <Tags details={details} />}
      <AddFolder title={t('Another folder')} />
    </>
  )
}

/** The data sets, of which one is open. */
export function Sets({ chosen }: { chosen: string }) {
  const datasets = useEngine(state => state.datasets)
  const all = Object.values(datasets).toSorted((a, b) => b.createdAt - a.createdAt)
  if (all.length < 2) return null
  return (
    <nav className="teach-sets" aria-label={t('Data sets')}>
      {all.map(({ id, name, pictures }) => (
        <button
          key={id}
          type="button"
          className={id === chosen ? 'chip on' : 'chip'}
          aria-current={id === chosen ? 'true' : undefined}
          onClick={() => openDataset(id)}
        >
          {name} <span className="t3 num">{pictures}</span>
        </button>
      ))}
    </nav>
  )
}

function stateWords({ progress, pictures, captioned, leftOut, isComplete }: Dataset): string {
  if (progress !== undefined) return t('Looking at picture {done} of {total}', progress)
  const parts = [countWords(pictures), t('{count} with words', { count: captioned })]
  if (leftOut > 0) parts.push(t('{count} left out', { count: leftOut }))
  if (!isComplete) parts.push(t('the folder was not looked through to its end'))
  return `${parts.join(', ')}.`
}

function Bar({ done, total }: { done: number; total: number }) {
  return (
    <div
      className="bar2"
      role="progressbar"
      aria-label={t('Pictures that were looked at')}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
    >
      <i style={{ transform: `scaleX(${total === 0 ? 0 : done / total})` }} />
    </div>
  )
}

/** What a person should look at before a model learns from the pictures. */
function Findings({
  dataset,
  details,
  isOfWords,
}: {
  dataset: Dataset
  details: DatasetDetails | undefined
  isOfWords: boolean
}) {
  const copies = details?.duplicates.length ?? 0
  const findings: { readonly id: string; readonly words: string; readonly action?: ReactNode }[] = []
  if (dataset.refused > 0) {
    const words = t('{count} files cannot be read and are passed over.', { count: dataset.refused })
    findings.push({ id: 'refused', words, action: <Show words={t('Show them')} show="refused" /> })
  }
  if (copies > 0) {
    const words = t('{count} pictures are there more than once; each copy counts again.', { count: copies })
    const action = (
      <>
        <Show words={t('Show copies')} show="duplicates" />
        <Button small onClick={() => void leaveOutCopies()} data-testid="leave-out-copies">
          {t('Leave copies out')}
        </Button>
      </>
    )
    findings.push({ id: 'copies', words, action })
  }
  const small = details?.small ?? 0
  if (small > 0) {
    const words = t('{count} pictures are small: the model sees them enlarged and learns the blur.', { count: small })
    findings.push({ id: 'small', words, action: <Show words={t('Show them')} show="small" /> })
  }
  if (dataset.leftOut > 0) {
    const words = t('{count} pictures are left out.', { count: dataset.leftOut })
    findings.push({ id: 'left out', words, action: <Show words={t('Show them')} show="left out" /> })
  }
  const wordless = isOfWords ? dataset.pictures - dataset.captioned : 0
  if (wordless > 0) {
    const words = t('{count} pictures have no words.', { count: wordless })
    findings.push({ id: 'words', words, action: <Show words={t('Show them')} show="without words" /> })
  }
  if (findings.length === 0) return null
  return (
    <section className="mbox" aria-labelledby="findings-title" data-testid="findings">
      <h2 id="findings-title">{t('To look at first')}</h2>
      <ul className="teach-findings">
        {findings.map(({ id, words, action }) => (
          <li key={id}>
            <span className="grow">{words}</span>
            {action}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Show({ words, show }: { words: string; show: Shown }) {
  return (
    <Button small onClick={() => showOnly(show)}>
      {words}
    </Button>
  )
}

function Buckets({ details: { buckets } }: { details: DatasetDetails }) {
  const most = Math.max(...buckets.map(({ pictures }) => pictures))
  return (
    <section className="mbox" aria-labelledby="sizes-title" data-testid="buckets">
      <h2 id="sizes-title">{t('Sizes that the model will see')}</h2>
      <ul className="teach-buckets">
        {buckets.map(({ width, height, pictures }) => (
          <li key={`${width} ${height}`}>
            <span className="num">
              {width} × {height}
            </span>
            <i style={{ width: `${(pictures / most) * 100}%` }} />
            <span className="num t3">{pictures}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The words of all pictures at once. */
function Tags({ details: { tags } }: { details: DatasetDetails }) {
  return (
    <section className="mbox" aria-labelledby="tags-title" data-testid="tags">
      <h2 id="tags-title">{t('Words of all pictures')}</h2>
      <TagEditor name="all" pictures="all" tags={tags.map(({ tag }) => tag)} />
      <ul className="teach-tags">
        {tags.slice(0, MOST_TAGS).map(({ tag, pictures }) => (
          <li key={tag} className="tag">
            <span>{tag}</span>
            <span className="t3 num">{pictures}</span>
            <button
              type="button"
              className="teach-untag"
              aria-label={t('Take "{tag}" out of every caption', { tag })}
              onClick={() => void editTags('all', { remove: [tag] })}
            >
              <X size={12} strokeWidth={1.5} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      {tags.length > MOST_TAGS && (
        <p className="mwords t12">
          {t('and')} {tags.length - MOST_TAGS} {t('more')}
        </p>
      )}
    </section>
  )
}
