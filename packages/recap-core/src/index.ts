export { groupStories, type Story, type StoryArticle, type StoryOptions } from './stories/group-stories.js';
