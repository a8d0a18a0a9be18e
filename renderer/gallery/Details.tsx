import { RotateCcw, Star, Trash2, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { spellValue } from '../panels/spell.ts'
import { variationsOf, vary } from '../state/again.ts'
import { blobUrl, type Image, type Recipe } from '../state/api.ts'
import { engine, imagePrompt, named, useEngine } from '../state/engine.ts'
import { type Field, isChanged } from '../state/form.ts'
import { formFields } from '../state/form-in-force.ts'
import { detailedImages, restore, star, trash, useGallery } from '../state/gallery.ts'
import { applyRecipe, openInStudio } from '../state/recipes.ts'
import { costWords, countWords, timeWords } from '../state/words.ts'
import { Family } from './Family.tsx'
import { Marks } from './Marks.tsx'
import { PictureMenu } from './PictureMenu.tsx'

const ICON = { size: 16, strokeWidth: 1.5 } as const

/** What is selected: one picture with everything that made it, or several with what can be done to all of them. */
export function Details() {
  const state = useGallery()
  const images = detailedImages(state)
  const [only] = images
  if (only === undefined) return null
  const trashed = state.shelf === 'trash'
  return (
    <aside className="details-panel" aria-label={t('Selected')} data-region="details" data-testid="details">
      {images.length === 1 ? <One image={only} trashed={trashed} /> : <Several images={images} trashed={trashed} />}
    </aside>
  )
}

const unselect = () => useGallery.setState({ selected: new Set(), beside: undefined })

function Head({ title, images, trashed }: { title: string; images: readonly Image[]; trashed: boolean }) {
  const ids = images.map(image => image.id)
  const starred = images.every(image => image.starred)
  return (
    <div className="ph">
      <h2 className="cut" title={title}>
        {title}
      </h2>
      {!trashed && (
        <>
          <IconButton
            label={starred ? t('Take the star away') : t('Star')}
            shortcut="S"
            className={starred ? 'lit' : ''}
            onClick={() => void star(ids)}
          >
            <Star {...ICON} fill={starred ? 'currentColor' : 'none'} />
          </IconButton>
          <IconButton label={t('Move to the trash')} shortcut="Del" onClick={() => void trash(ids)} data-testid="trash">
            <Trash2 {...ICON} />
          </IconButton>
        </>
      )}
      <IconButton label={t('Close')} onClick={unselect}>
        <X {...ICON} />
      </IconButton>
    </div>
  )
}

function One({ image, trashed }: { image: Image; trashed: boolean }) {
  const { recipe } = image
  const title = named(imagePrompt(image))
  return (
    <>
      <Head title={title} images={[image]} trashed={trashed} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="details-body" tabIndex={0} aria-label={t('Picture and recipe')}>
        <button
          type="button"
          className="details-picture"
          aria-label={t('Large view of {title}', { title })}
          onClick={() => useGallery.setState({ previewing: true, cursor: image.id })}
        >
          <img src={blobUrl(image.hash)} alt={title} style={{ aspectRatio: `${image.width} / ${image.height}` }} />
        </button>
        <div className="details-do">
          {trashed ? (
            <Button look="primary" className="grow" onClick={() => void restore([image.id])} data-testid="restore">
              <RotateCcw {...ICON} />
              {t('Take back')}
            </Button>
          ) : (
            <Button
              look="primary"
              className="grow"
              shortcut="↵"
              onClick={() => openInStudio(image)}
              data-testid="open-in-studio"
            >
              {t('Open in Studio')}
            </Button>
          )}
          {!trashed && <Vary image={image} />}
          <PictureMenu image={image} />
        </div>
        {!trashed && <Marks images={[image]} />}
        <Family image={image} />
        {recipe === undefined ? (
          <p className="note">{t('This picture has no recipe.')}</p>
        ) : (
          <RecipeOf image={image} recipe={recipe} />
        )}
      </section>
    </>
  )
}

/** Variations, where its model is here. */
function Vary({ image }: { image: Image }) {
  const models = useEngine(state => state.models)
  const operations = useEngine(state => state.operations)
  if (variationsOf(image, { models, operations }) === undefined) return null
  return (
    <Button shortcut="V" onClick={() => void vary(image)} data-testid="vary">
      {t('Vary')}
    </Button>
  )
}

/** What the file says for machines, once it was looked at. */
function useOrigin({ id }: Image): string | undefined {
  const [found, setFound] = useState<{ id: string; words: string }>()
  useEffect(() => {
    let isWanted = true
    const look = async () => {
      const { says } = await (await engine()).images.origin({ id })
      if (isWanted) setFound({ id, words: says === undefined ? 'nothing' : t(origins[says]) })
    }
    look().catch(() => {}) // a file that is gone shows in the picture itself
    return () => {
      isWanted = false
    }
  }, [id])
  return found?.id === id ? found.words : undefined
}

const origins = { made: 'made by a model', changed: 'changed by a model' } as const

/** Whether the recipe draws this very picture again here. */
function useFidelity(recipe: Recipe): string {
  const models = useEngine(state => state.models)
  const provider = useEngine(state => state.provider)
  if (!models.some(model => model.name === recipe.model.name))
    return t('{name} is missing', { name: recipe.model.name })
  return recipe.provider === provider ? t('reproduces exactly') : t('close: made on another device')
}

/** Whether a parameter stands in the recipe's list: those of the sampling always, others when they are not as usual. */
const isTold = (field: Field, { parameters }: Recipe): boolean =>
  field.group === 'sampling' ||
  (['advanced', 'concepts'].includes(field.group) && isChanged(field, parameters, undefined))

/** What its run took, all pictures of it together, beside what had been predicted. */
function costRows({ cost }: Image): [string, string][] {
  const [took, predicted] = [costWords(cost?.took), costWords(cost?.predicted)]
  return [
    ...(took === undefined ? [] : [['Took', took] satisfies [string, string]]),
    ...(predicted === undefined ? [] : [['Predicted', predicted] satisfies [string, string]]),
  ]
}

function RecipeOf({ image, recipe }: { image: Image; recipe: Recipe }) {
  const samplers = useEngine(state => state.samplers)
  const fields = formFields(recipe.operation)
  const fidelity = useFidelity(recipe)
  const origin = useOrigin(image)
  const rows = [
    ['Model', recipe.model.name],
    ...fields
      .filter(field => isTold(field, recipe))
      .map(field => [field.title, spellValue(field, recipe.parameters[field.name], samplers)]),
    ['Seed', recipe.seed],
    ['Size', `${image.width} × ${image.height}`],
    ['Made', timeWords(image.createdAt)],
    ...costRows(image),
    ...(origin === undefined ? [] : [['The file says', origin]]),
  ]
  const negative = String(recipe.parameters.negative ?? '')
  return (
    <section className="recipe" aria-label={t('Recipe')} data-testid="recipe">
      <h3>
        {t('Recipe')} <span className="t3">{fidelity}</span>
      </h3>
      <p className="recipe-prompt">{named(imagePrompt(image))}</p>
      {negative !== '' && <p className="t12 t3">{t('without: {negative}', { negative })}</p>}
      <dl className="dl">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Button small onClick={() => applyRecipe(recipe, t('this picture'))} data-testid="use-recipe">
        {t('Use this recipe')}
      </Button>
    </section>
  )
}

function Several({ images, trashed }: { images: readonly Image[]; trashed: boolean }) {
  const ids = images.map(image => image.id)
  const models = [...new Set(images.map(image => image.recipe?.model.name ?? 'unknown'))]
  const sizes = [...new Set(images.map(image => `${image.width} × ${image.height}`))]
  return (
    <>
      <Head title={t('{count} selected', { count: countWords(images.length) })} images={images} trashed={trashed} />
      <div className="details-body">
        <div className="mosaic" aria-hidden="true">
          {images.slice(0, 9).map(image => (
            <img key={image.id} src={blobUrl(image.hash)} alt="" />
          ))}
        </div>
        <dl className="dl">
          <div>
            <dt>{t('Model')}</dt>
            <dd>{models.length === 1 ? models[0] : t('{count} models', { count: models.length })}</dd>
          </div>
          <div>
            <dt>{t('Size')}</dt>
            <dd>{sizes.length === 1 ? sizes[0] : t('{count} sizes', { count: sizes.length })}</dd>
          </div>
        </dl>
        {!trashed && <Marks images={images} />}
        <div className="details-do">
          {trashed ? (
            <Button className="grow" onClick={() => void restore(ids)}>
              {t('Take back')}
            </Button>
          ) : (
            <Button look="danger" className="grow" shortcut="Del" onClick={() => void trash(ids)}>
              {t('Move to the trash')}
            </Button>
          )}
        </div>
      </div>
    </>
  )
}
