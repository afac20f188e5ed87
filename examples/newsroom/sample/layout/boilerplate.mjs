/** The words around an article, one set a language: what a reader skips and an extractor must drop. */
export const boilerplate = {
  en: {
    cookies:
      'We and our 214 partners store and access information on your device. Choose “Accept all” to agree to personalised advertising and audience measurement, or manage your preferences at any time in the privacy centre.',
    accept: 'Accept all',
    manage: 'Manage preferences',
    nav: ['Home', 'Latest', 'Valmere', 'World', 'Business', 'Sport', 'Culture', 'Weather', 'Puzzles', 'Sign in'],
    search: 'Search the archive',
    ad: 'Advertisement',
    adTexts: [
      'Mattresses up to 60% off this weekend only. Free delivery on orders over 200 crowns. Shop the spring sale now.',
      'Tired of high energy bills? Compare 18 providers in two minutes and save. No obligation.',
    ],
    share: ['Share on Chirper', 'Share by e-mail', 'Copy link', 'Print', 'Save for later'],
    newsletter:
      'Sign up for our morning newsletter: the five stories you need, in your inbox by seven. Unsubscribe at any time.',
    related: 'Related stories',
    mostRead: 'Most read today',
    commentsHeading: 'Comments (4)',
    comments: [
      [
        'harbour_gull',
        'Finally somebody writes about this. I have been saying the same thing for years and nobody listens.',
      ],
      ['Marjorie T.', 'The picture is not from there at all, that is the old bridge. Please check before you publish.'],
      ['nightshift77', 'Can we have one article without people complaining in the comments?'],
      ['Old Tom', 'And who pays for it in the end? We do, as always. Cancel my subscription.'],
    ],
    by: 'By',
    subscribe: 'You have read 3 of 5 free articles this month. Subscribe for 1 crown a week.',
    footer: [
      'About us',
      'Contact',
      'Terms of use',
      'Privacy policy',
      'Cookie settings',
      'Jobs',
      'Advertise with us',
      'RSS',
    ],
    legal:
      'All rights reserved. Reproduction in whole or in part without permission is prohibited. Registered in Eastmere.',
    caption: 'File picture. Photograph: agency',
    reading: '3 min read',
  },
  ja: {
    cookies:
      '当サイトでは、利便性の向上と広告の配信、アクセス状況の分析のためにクッキーを使用しています。「同意する」を押すと、すべてのクッキーの使用に同意したことになります。設定はいつでも変更できます。',
    accept: '同意する',
    manage: '詳しい設定',
    nav: ['トップ', '速報', '社会', '政治', '経済', 'スポーツ', '文化', '天気', '占い', 'ログイン'],
    search: '記事を検索',
    ad: '広告',
    adTexts: [
      '春の寝具フェア開催中。羽毛ふとんが今だけ最大60％オフ。送料無料、30日間返品できます。',
      'あなたの家の電気代、まだ下げられます。18社をまとめて比較、申し込みは最短2分。',
    ],
    share: ['友だちに送る', 'メールで共有', 'リンクをコピー', '印刷する', 'あとで読む'],
    newsletter:
      '毎朝7時、主なニュース5本をメールでお届けします。無料の会員登録はこちらから。配信はいつでも停止できます。',
    related: '関連記事',
    mostRead: 'アクセスランキング',
    commentsHeading: 'コメント（4件）',
    comments: [
      ['うみねこ', 'ようやく取り上げてくれた。何年も前から言われていたことなのに。'],
      ['通りすがり', '写真が別の場所では？ 掲載前に確認してください。'],
      ['夜勤明け', 'コメント欄がいつも荒れていて残念。落ち着いて読みたい。'],
      ['昔の読者', '結局は税金でしょう。もう購読をやめようかな。'],
    ],
    by: '文・',
    subscribe: '無料で読める記事は今月あと2本です。会員登録で読み放題、初月は100円。',
    footer: ['会社案内', 'お問い合わせ', '利用規約', '個人情報の取り扱い', '広告掲載', '採用情報', 'サイトマップ'],
    legal: '当サイトに掲載の記事・写真の無断転載を禁じます。すべての内容は著作権法により保護されています。',
    caption: '写真は資料',
    reading: '読了まで約2分',
  },
};
