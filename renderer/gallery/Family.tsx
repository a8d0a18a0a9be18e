import { FileImage, GitBranch, ImageOff } from 'lucide-react'
import { useEffect } from 'react'
import { spoken, t } from '../language/language.ts'
import { blobUrl, type Image, type LineageNode } from '../state/api.ts'
import { imagePrompt, named, useEngine } from '../state/engine.ts'
import { readFamily, useFamily } from '../state/family.ts'
import { show } from '../state/gallery.ts'
import { sentenceOf } from '../state/problem.ts'
import { countWords } from '../state/words.ts'
import { type FamilyRow, familyRows } from './family.ts'

const ICON = { size: 16, strokeWidth: 1.5 } as const

/** Where a picture came from and what came from it; a click goes there. */
export function Family({ image }: { image: Image }) {
  const nodes = useFamily(state => state.nodes)
  const failure = useFamily(state => state.failure)
  useEffect(() => void readFamily(image), [image])
  if (failure !== undefined) return <p className="note">{sentenceOf(failure)}</p>
  const rows = familyRows(nodes, image.hash)
  if (!rows.some(({ node }) => node.hash === image.hash)) return <div className="family-shape" aria-hidden="true" />
  const pictures = nodes.filter(node => node.image !== undefined).length
  return (
    <section className="family" aria-label={t('Where it came from')} data-testid="family">
      <h3>
        <GitBranch {...ICON} size={14} aria-hidden="true" />
        <span className="grow">{t('Where it came from')}</span>
        <span className="t3">{countWords(pictures)}</span>
      </h3>
      <ol>
        {rows.map((row, k) => (
          <Member key={row.node.hash} row={row} isShown={row.node.hash === image.hash} line={lineOf(rows, k)} />
        ))}
      </ol>
    </section>
  )
}

/** Where the trunk's line goes in a row: it begins and ends at a picture of the trunk. */
function lineOf(rows: readonly FamilyRow[], at: number): string {
  const isTrunk = (row: FamilyRow) => !row.isBranch
  const [first, last] = [rows.findIndex(isTrunk), rows.findLastIndex(isTrunk)]
  return [at > first && at <= last && 'above', at >= first && at < last && 'below'].filter(Boolean).join(' ')
}

const withoutPicture = {
  picture: 'A picture of the library',
  canvas: 'From the canvas',
  file: 'From a file',
  gone: 'A picture that is gone',
} as const

function Member({ row: { node, isBranch }, isShown, line }: { row: FamilyRow; isShown: boolean; line: string }) {
  const { image, kind, difference } = node
  const title = image === undefined ? withoutPicture[kind] : spoken(difference?.title ?? 'Brought in')
  const face = (
    <>
      <span className="family-picture">
        {kind === 'gone' ? <ImageOff {...ICON} /> : <img src={blobUrl(node.hash)} alt="" loading="lazy" />}
      </span>
      <span className="family-words">
        <span className="cut family-title" title={title}>
          {title}
        </span>
        <Details node={node} />
      </span>
    </>
  )
  const classes = ['family-row', line, isBranch && 'branch', isShown && 'on'].filter(Boolean).join(' ')
  return (
    <li className={classes}>
      <span className="family-dot" aria-hidden="true" />
      {image === undefined ? (
        <span className="family-member">{face}</span>
      ) : (
        <button
          type="button"
          className="family-member"
          aria-current={isShown ? 'true' : undefined}
          title={`${title}: ${named(imagePrompt(image))}`}
          onClick={() => show(image)}
          data-testid="family-member"
        >
          {face}
        </button>
      )}
    </li>
  )
}

function Details({ node: { difference, image, kind } }: { node: LineageNode }) {
  const samplers = useEngine(state => state.samplers)
  if (image === undefined) return kind === 'file' ? <FileImage size={12} strokeWidth={1.5} aria-hidden="true" /> : null
  const spelled = (label: string, value: string) =>
    label === 'sampler' ? (samplers.find(({ className }) => className === value)?.title ?? value) : value
  return (
    <span className="family-details">
      {difference?.details.map(({ label, from, to, isChanged }, k) => (
        <span key={label} className={isChanged ? 'told-new' : undefined}>
          {k > 0 && ', '}
          {t(label)} {from !== undefined && <b>{spelled(label, from)}</b>}
          {from !== undefined && ` ${t('to')} `}
          <b>{spelled(label, to)}</b>
        </span>
      ))}
      {image.trashedAt !== undefined && <span>{`, ${t('in the trash')}`}</span>}
    </span>
  )
}
